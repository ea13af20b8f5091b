"""From a trained model to its deployable form, with a package per device."""
