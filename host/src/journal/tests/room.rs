//! How much a journal takes, and what becomes of lines for which there was no room.

use super::*;

#[tokio::test]
async fn a_journal_takes_as_much_as_it_may_and_no_more() {
    let (_place, journal, path) = place();
    let mut notes = Vec::new();
    for _ in 0..MAX_OPEN {
        notes.push(journal.note(project()).await.unwrap());
    }
    let full = journal.note(project()).await;
    assert!(matches!(full, Err(JournalError::Full { .. })), "{full:?}");
    for note in notes {
        note.strike().await.unwrap();
    }
    let note = journal.note(project()).await.unwrap();
    note.strike().await.unwrap();
    assert_eq!(journal.close().unwrap(), []);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_journal_in_which_nothing_is_open_does_not_grow_without_end() {
    let (_place, journal, path) = place();
    let long = project_of(&"n".repeat(200_000));
    for _ in 0..20 {
        let note = journal.note(long.clone()).await.unwrap();
        note.strike().await.unwrap();
        assert!(fs::metadata(&path).unwrap().len() < TIDY_BYTES + 250_000);
    }
    let wide = journal.note(project_of(&"n".repeat(5_000_000))).await;
    assert!(matches!(wide, Err(JournalError::Full { .. })));
}

#[tokio::test]
async fn a_line_that_could_not_be_written_whole_does_not_spoil_the_next_one() {
    let (_place, journal, path) = place();
    {
        let mut book = journal.book();
        book.file.write_all(b"{\"note\":{\"id\":1,").unwrap();
        book.is_torn = true;
    }
    let note = journal.note(container("cache")).await.unwrap();
    drop(note);
    drop(journal);
    of_a_dead_host(&path);
    let left = find(path.parent().unwrap()).unwrap().left.remove(0);
    assert_eq!(left.damage, [""; 0]);
    assert_eq!(left.open.len(), 1);
}

#[tokio::test]
async fn a_journal_that_is_full_has_room_to_strike_all_that_is_open() {
    let (_place, journal, path) = place();
    let mut open = Vec::new();
    let full = loop {
        match journal.note(project_of(&"x".repeat(60_000))).await {
            Ok(note) => open.push(note),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, JournalError::Full { .. }), "{full}");
    let kept = open.pop().expect("there is room for some");
    for note in open {
        note.strike().await.unwrap();
    }
    drop(kept);
    drop(journal);
    of_a_dead_host(&path);
    let left = find(path.parent().unwrap()).unwrap().left.remove(0);
    assert_eq!((left.open.len(), left.damage.len()), (1, 0));
}
