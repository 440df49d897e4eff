//! Who is sent which variant.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The variant a contact is sent, by its place in the list of keys and weights. `seed` is the campaign's id, or the template's: within one, a contact's
/// choice is always the same.
///
/// Each variant (by its key, wherever it stands) draws its own number from seed and contact, stretched by its weight, and the smallest wins. So a changed weight moves only
/// as many contacts as it must, and a variant that is stopped (weight 0) hands its contacts to the others while nobody else changes sides.
/// None: no weight is above 0.
pub fn choose(seed: Uuid, contact: Uuid, variants: &[(u8, u32)]) -> Option<usize> {
    let digest = Sha256::new_with_prefix(seed).chain_update(contact).finalize();
    let base = digest[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let drawn = variants.iter().enumerate().filter(|(_, (_, weight))| *weight > 0).map(|(place, (key, weight))| {
        // 53 random bits, as a number above 0 and below 1.
        let unit = ((mixed(base, u64::from(*key)) >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        (place, -unit.ln() / f64::from(*weight))
    });
    drawn.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, _)| place)
}

/// A number for a contact, within one seed always the same and as good as drawn by lot.
pub fn spread(seed: Uuid, contact: Uuid) -> u64 {
    let digest = Sha256::new_with_prefix(contact).chain_update(seed).finalize();
    digest[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte))
}

/// Splitmix64's next number but `key`.
fn mixed(base: u64, key: u64) -> u64 {
    let z = base.wrapping_add((key + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
