"""The import package of VMZ, served by ptv-vmz."""
