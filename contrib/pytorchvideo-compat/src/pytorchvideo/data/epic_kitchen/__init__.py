"""Epic-Kitchens-55."""

from pytorchvideo.data.epic_kitchen.epic_kitchen_dataset import ActionData, EpicKitchenDataset

__all__ = ["ActionData", "EpicKitchenDataset"]
