"""WHERE: the only code that touches the outside, in and out; the engines and catalogs too."""
