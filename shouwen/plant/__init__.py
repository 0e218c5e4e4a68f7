"""The machine room: database, server, processes, keys, backup. It knows no room and almost no Django."""
