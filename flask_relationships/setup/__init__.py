"""Start-up: validate options, finish the binding, keep the state of each application."""
