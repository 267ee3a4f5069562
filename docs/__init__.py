"""The documentation. `generated` holds what is made from the package while Sphinx builds."""
