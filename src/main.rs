fn main() {
    println!("suyuan");
}
