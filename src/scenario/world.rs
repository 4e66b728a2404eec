//! The master data of a world: who, where and what, as rows with the columns of the CSV imports.

use std::io;

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Short name that stands for it on the command line.
    pub id: String,
    /// Its party GLN, 13 digits, by which events name it; also the GLN of its head office. No column.
    pub gln: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What it does: `producer`, `logistics`, `retailer`, `regulator`.
    pub role: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// Region code (GB/T 2260).
    pub region: String,
    /// Digits of its company prefix.
    pub gcp_length: u32,
    /// A telephone number that nobody has.
    pub phone: String,
}

/// A place, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Thirteen digits; a part of a place is written `(414)…(254)…`.
    pub gln: String,
    /// The place as events name it: a canonical Digital Link. No column.
    pub link: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// The party that keeps it.
    pub org: String,
    /// Region code (GB/T 2260).
    pub region: String,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Fourteen digits.
    pub gtin: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// The party whose product it is.
    pub org: String,
    /// Brand.
    pub brand: String,
    /// How its codes are made: `computed`, `stored` or `lot`.
    pub mode: String,
    /// What kind of product.
    pub category: String,
    /// The standard it follows.
    pub standard: String,
}

/// All master data of a world, in a fixed order: what a row names stands in an earlier list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct World {
    /// Organisations.
    pub parties: Vec<Party>,
    /// Places.
    pub places: Vec<Place>,
    /// Products.
    pub products: Vec<Product>,
    /// Other names of lots.
    pub aliases: Vec<Alias>,
}

/// A lot that one party calls otherwise than the party it has it from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The supplier's name, a canonical Digital Link.
    pub id: String,
    /// The same goods as their buyer calls them.
    pub same_as: String,
    /// The buyer.
    pub org: String,
}

impl World {
    /// Writes the other names of lots.
    pub fn write_aliases_csv(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "id,same_as,org")?;
        for alias in &self.aliases {
            row(out, &[&alias.id, &alias.same_as, &alias.org])?;
        }
        Ok(())
    }

    /// Writes the parties as `party import` reads them.
    pub fn write_parties_csv(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(
            out,
            "id,name,name_en,role,credit_code,region,gcp_length,phone"
        )?;
        for p in &self.parties {
            let length = p.gcp_length.to_string();
            row(
                out,
                &[
                    &p.id,
                    &p.name,
                    &p.name_en,
                    &p.role,
                    &p.credit_code,
                    &p.region,
                    &length,
                    &p.phone,
                ],
            )?;
        }
        Ok(())
    }

    /// Writes the places as `place import` reads them.
    pub fn write_places_csv(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "gln,name,name_en,org,region,lat,lon")?;
        for p in &self.places {
            let (lat, lon) = (p.lat.to_string(), p.lon.to_string());
            row(
                out,
                &[&p.gln, &p.name, &p.name_en, &p.org, &p.region, &lat, &lon],
            )?;
        }
        Ok(())
    }

    /// Writes the products as `product import` reads them.
    pub fn write_products_csv(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "gtin,name,name_en,org,brand,mode,category,standard")?;
        for p in &self.products {
            row(
                out,
                &[
                    &p.gtin,
                    &p.name,
                    &p.name_en,
                    &p.org,
                    &p.brand,
                    &p.mode,
                    &p.category,
                    &p.standard,
                ],
            )?;
        }
        Ok(())
    }
}

/// One line: a field with a comma, quote or line break is quoted (RFC 4180).
fn row(out: &mut impl io::Write, fields: &[&str]) -> io::Result<()> {
    for (at, field) in fields.iter().enumerate() {
        if 0 < at {
            out.write_all(b",")?;
        }
        if field.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_comma_or_quote_is_quoted() {
        let mut out = Vec::new();
        row(&mut out, &["a,b", "say \"x\"", "plain"]).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a,b\",\"say \"\"x\"\"\",plain\n"
        );
    }
}
