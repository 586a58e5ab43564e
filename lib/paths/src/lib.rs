//! Where things are: socket, file and unit paths, ports, environment variable names.
