//! Byte strings in the log and in snapshots: as they are, not as lists of numbers.

/// For `Vec<u8>`.
pub(crate) mod one {
    use hm_model::Blob;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        Blob::from(bytes.to_vec()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        Blob::deserialize(deserializer).map(Blob::into_vec)
    }
}

/// For a list of them, of any length or of a fixed one.
pub(crate) mod list {
    use hm_model::Blob;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer, B: AsRef<[u8]>>(
        list: &[B],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(|bytes| Blob::from(bytes.as_ref().to_vec())))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, B: TryFrom<Vec<u8>>>(
        deserializer: D,
    ) -> Result<Vec<B>, D::Error> {
        <Vec<Blob>>::deserialize(deserializer)?
            .into_iter()
            .map(|blob| {
                let bytes = blob.into_vec();
                let length = bytes.len();
                B::try_from(bytes)
                    .map_err(|_| de::Error::invalid_length(length, &"as many bytes as a key has"))
            })
            .collect()
    }
}
