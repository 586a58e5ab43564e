#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hm_fuzz::snapshots(data));
