//! Agreement: openraft on redb behind our own records, checksums and handle.
