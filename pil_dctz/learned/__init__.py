"""The learned layer: trained integer corrections of decoded planes."""
