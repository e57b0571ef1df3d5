# Install and export: filled in once the layers are known.
