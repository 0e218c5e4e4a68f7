"""The roof's frame: settings, addresses, command line."""
