"""The documentation. `generated` makes parts of the pages from the package while Sphinx builds."""
