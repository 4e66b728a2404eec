//! How far apart places are, and whether something can have gone from one to the other in time.

/// The mean radius of the earth.
const EARTH_KM: f64 = 6_371.0;

const MICROS_AN_HOUR: f64 = 3_600_000_000.0;

/// A point on the earth, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    lat: f64,
    lon: f64,
}

impl Point {
    /// A point as master data writes it; none when it is no point.
    pub(super) fn read(lat: &str, lon: &str) -> Option<Self> {
        let (lat, lon) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
        let fits = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        fits.then_some(Self { lat, lon })
    }

    /// The great-circle distance, in kilometres (haversine).
    fn km_to(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let (lat, lon) = (b - a, (other.lon - self.lon).to_radians());
        let h = (lat / 2.0).sin().powi(2) + a.cos() * b.cos() * (lon / 2.0).sin().powi(2);
        2.0 * EARTH_KM * h.sqrt().min(1.0).asin()
    }

    /// Whether nothing gets from here to there in this time: nearer than `floor_km` anything does.
    pub(super) fn is_too_far(self, other: Self, micros: i64, travel: Travel) -> bool {
        let km = self.km_to(other);
        #[expect(
            clippy::cast_precision_loss,
            reason = "an hour more or less in centuries is nothing"
        )]
        let hours = micros.max(0) as f64 / MICROS_AN_HOUR;
        km > f64::from(travel.floor_km) && km > hours * f64::from(travel.speed_kmh)
    }
}

/// What is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Travel {
    pub(super) speed_kmh: u32,
    pub(super) floor_km: u32,
}

#[cfg(test)]
mod tests {
    use super::{Point, Travel};

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn fuzhou_to_beijing_takes_two_hours_at_least() {
        let fuzhou = Point::read("26.08", "119.30").unwrap();
        let beijing = Point::read("39.90", "116.40").unwrap();
        let travel = Travel {
            speed_kmh: 900,
            floor_km: 50,
        };
        assert!((1_500.0..1_600.0).contains(&fuzhou.km_to(beijing)));
        assert!(fuzhou.is_too_far(beijing, HOUR, travel));
        assert!(!fuzhou.is_too_far(beijing, 2 * HOUR, travel));
        assert!(!fuzhou.is_too_far(Point::read("26.10", "119.40").unwrap(), 0, travel));
    }

    #[test]
    fn what_is_no_point_is_none() {
        for (lat, lon) in [
            ("", "1"),
            ("91", "1"),
            ("1", "181"),
            ("NaN", "1"),
            ("x", "y"),
        ] {
            assert_eq!(Point::read(lat, lon), None, "{lat} {lon}");
        }
    }
}
