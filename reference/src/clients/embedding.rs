//! Embeddings without a model: words are hashed into a fixed number of dimensions, so that equal texts have equal vectors and
//! similar texts near ones.

/// The length of every vector.
pub const DIMENSIONS: usize = 64;

/// A vector of length 1; for a text without words, the first unit vector.
pub fn embed(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0_f32; DIMENSIONS];
    for word in text.split(|character: char| !character.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        let hash = fnv1a(word.to_lowercase().as_bytes());
        let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
        let index = usize::try_from(hash % DIMENSIONS as u64).unwrap_or_default();
        vector[index] += sign;
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length == 0.0 {
        vector[0] = 1.0;
    } else {
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}

/// Fowler, Noll and Vo's hash, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> f32 {
        embed(one)
            .iter()
            .zip(embed(other))
            .map(|(one, other)| one * other)
            .sum()
    }

    #[test]
    fn likeness_follows_the_shared_words() {
        let text = "the rain falls on the quiet harbour";
        assert!((likeness(text, text) - 1.0).abs() < 1e-5);
        assert!(likeness(text, "rain on the harbour") > likeness(text, "budget meeting tomorrow"));
        assert_eq!(embed("").len(), DIMENSIONS);
    }
}
