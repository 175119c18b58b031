use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

use super::*;

/// A session with a server that a test plays.
async fn session() -> (Session, BufReader<DuplexStream>) {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let mut server = BufReader::new(theirs);
    server.write_all(b"* OK ready\r\n").await.unwrap();
    (Session::greeted(Wire::new(Box::new(ours))).await.unwrap(), server)
}

async fn line(server: &mut BufReader<DuplexStream>) -> String {
    let mut line = String::new();
    server.read_line(&mut line).await.unwrap();
    line.trim_end().to_owned()
}

#[tokio::test]
async fn each_step_has_a_limit_of_time() {
    let never = std::future::pending::<Result<(), ImapError>>();
    let slow = within(Step::Mail, Duration::from_millis(1), never).await;
    assert_eq!(slow.unwrap_err().to_string(), "the server took too long to hand a mail over");
}

#[tokio::test]
async fn idle_ends_by_itself_and_with_a_new_mail() {
    let (mut session, mut server) = session().await;
    let playing = tokio::spawn(async move {
        for news in ["", "* 1 EXISTS\r\n"] {
            let tag = line(&mut server).await.replace(" IDLE", "");
            server.write_all(format!("+ idling\r\n* OK still here\r\n{news}").as_bytes()).await.unwrap();
            assert_eq!(line(&mut server).await, "DONE");
            server.write_all(format!("{tag} OK\r\n").as_bytes()).await.unwrap();
        }
        server
    });
    session.idle(Duration::from_millis(20)).await.unwrap();
    assert!(!session.has_news());
    session.idle(Duration::from_mins(29)).await.unwrap();
    assert!(session.has_news() && session.exists() == 1);
    playing.await.unwrap();
}

#[tokio::test]
async fn new_numbers_and_a_farewell_end_the_session() {
    let (mut session, mut server) = session().await;
    server.write_all(b"* OK [UIDVALIDITY 1]\r\nV1 OK [READ-WRITE]\r\n").await.unwrap();
    session.open_folder("INBOX", Access::Work).await.unwrap();
    assert_eq!(session.numbering(), Some(1));
    server.write_all(b"* OK [UIDVALIDITY 2]\r\n").await.unwrap();
    assert!(matches!(session.sign_of_life().await, Err(ImapError::Renumbered)));
    server.write_all(b"* BYE for now\r\n").await.unwrap();
    assert!(matches!(session.sign_of_life().await, Err(ImapError::Bye(text)) if text == "for now"));
}

#[tokio::test]
async fn mail_is_copied_and_marked_where_the_server_cannot_move() {
    let (mut session, mut server) = session().await;
    session.capabilities = vec!["UIDPLUS".to_owned()];
    let playing = tokio::spawn(async move {
        let mut heard = Vec::new();
        for answer in ["NO [TRYCREATE]", "OK", "OK", "OK", "OK"] {
            let line = line(&mut server).await;
            let (tag, command) = line.split_once(' ').unwrap();
            heard.push(command.to_owned());
            server.write_all(format!("{tag} {answer}\r\n").as_bytes()).await.unwrap();
        }
        heard
    });
    session.move_to(7, "Vigia \"2\"").await.unwrap();
    assert_eq!(
        playing.await.unwrap(),
        [
            r#"UID COPY 7 "Vigia \"2\"""#,
            r#"CREATE "Vigia \"2\"""#,
            r#"UID COPY 7 "Vigia \"2\"""#,
            r"UID STORE 7 +FLAGS.SILENT (\Deleted)",
            "UID EXPUNGE 7",
        ]
    );
}

#[tokio::test]
async fn refused_sign_in_tells_no_secret() {
    let (mut session, mut server) = session().await;
    session.capabilities = vec!["AUTH=PLAIN".to_owned()];
    let mailbox = Mailbox {
        name: "support".to_owned(),
        host: "localhost".to_owned(),
        port: 143,
        tls: Tls::None,
        authorities: tls::Authorities::default(),
        user: "mesa".to_owned(),
        proof: Proof::Password(Secret("s3cret".to_owned())),
        folder: "INBOX".to_owned(),
        taken: Taken::Seen,
        refused_folder: "Refused".to_owned(),
        poll: Duration::from_mins(1),
    };
    server.write_all(b"+ \r\nV1 NO s3cret is wrong\r\n").await.unwrap();
    let refused = session.sign_in(&mailbox, &mut Tokens::default()).await.unwrap_err();
    assert_eq!(refused.to_string(), "the server refused the account: … is wrong");
    assert_eq!(line(&mut server).await, "V1 AUTHENTICATE PLAIN");
    assert_eq!(line(&mut server).await, "AG1lc2EAczNjcmV0");
    server.write_all(b"V2 NO [UNAVAILABLE] later\r\n").await.unwrap();
    let later = session.sign_in(&mailbox, &mut Tokens::default()).await;
    assert!(matches!(later, Err(ImapError::Refused(Step::SignIn, _))));
}
