"""The pages of the seven portals, one blueprint a module, found by name."""
