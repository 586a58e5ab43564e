//! What is generated and checked in is what the generator would write now.

#[test]
fn completions_and_manual_pages_are_fresh() {
    let wanted = hm_gen::generate().expect("every command can be asked");
    hm_gen::check(&hm_gen::root(), &wanted).expect("`cargo run -p hm-gen` writes them anew");
}
