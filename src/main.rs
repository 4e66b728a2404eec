fn main() { println!("suyuan"); }
