"""The demo estate: a community that looks lived in, with four weeks of work behind it. Nobody in it exists."""
