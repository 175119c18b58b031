-- What kind of event an entry of the history tells of: the tags of its document (`Event::kind` in
-- `domain/src/case/event.rs`). Queries ask by it and do not look into documents.
ALTER TABLE case_events ADD COLUMN kind TEXT NOT NULL DEFAULT '';

-- Entries from before get theirs from their documents. A quote within a text of a document is escaped, so no text holds
-- such a pattern.
UPDATE case_events SET kind = CASE
    WHEN document LIKE '%"event":{"warned":%' THEN 'warned'
    WHEN document LIKE '%"event":{"contacted":%' THEN 'contacted'
    WHEN document LIKE '%"event":{"opened":%' THEN 'opened'
    WHEN document LIKE '%"event":{"noted":%' THEN 'noted'
    WHEN document LIKE '%"event":{"visit":%' THEN CASE
        WHEN document LIKE '%"what":{"offered":%' THEN 'visit:offered'
        WHEN document LIKE '%"what":{"proposed":%' THEN 'visit:proposed'
        WHEN document LIKE '%"what":{"declined":%' THEN 'visit:declined'
        WHEN document LIKE '%"what":{"agreed":%' THEN 'visit:agreed'
        WHEN document LIKE '%"what":{"moved":%' THEN 'visit:moved'
        WHEN document LIKE '%"what":{"called_off":%' THEN 'visit:called_off'
        WHEN document LIKE '%"what":{"missed":%' THEN 'visit:missed'
        WHEN document LIKE '%"what":"miss_taken_back"%' THEN 'visit:miss_taken_back'
        WHEN document LIKE '%"what":"arrived"%' THEN 'visit:arrived'
        WHEN document LIKE '%"what":"arrival_taken_back"%' THEN 'visit:arrival_taken_back'
        WHEN document LIKE '%"what":"started"%' THEN 'visit:started'
        WHEN document LIKE '%"what":{"ended":%' THEN 'visit:ended'
        WHEN document LIKE '%"what":{"reassigned":%' THEN 'visit:reassigned'
        WHEN document LIKE '%"what":{"overruled":%' THEN 'visit:overruled'
        WHEN document LIKE '%"what":{"attached":%' THEN 'visit:attached'
        WHEN document LIKE '%"what":{"detached":%' THEN 'visit:detached'
        ELSE '' END
    WHEN document LIKE '%"event":{"survey":%' THEN CASE
        WHEN document LIKE '%"event":{"survey":{"fell_due":%' THEN 'survey:fell_due'
        WHEN document LIKE '%"event":{"survey":{"attempted":%' THEN 'survey:attempted'
        WHEN document LIKE '%"event":{"survey":{"call_back_agreed":%' THEN 'survey:call_back_agreed'
        WHEN document LIKE '%"event":{"survey":{"refused":%' THEN 'survey:refused'
        WHEN document LIKE '%"event":{"survey":{"answered":%' THEN 'survey:answered'
        WHEN document LIKE '%"event":{"survey":"lapsed"%' THEN 'survey:lapsed'
        WHEN document LIKE '%"event":{"survey":"follow_up_opened"%' THEN 'survey:follow_up_opened'
        WHEN document LIKE '%"event":{"survey":{"followed_up":%' THEN 'survey:followed_up'
        ELSE '' END
    WHEN document LIKE '%"event":{"talk":%' THEN CASE
        WHEN document LIKE '%"event":{"talk":{"news_given":%' THEN 'talk:news_given'
        WHEN document LIKE '%"event":{"talk":{"news_promised":%' THEN 'talk:news_promised'
        WHEN document LIKE '%"event":{"talk":{"customer_wrote":%' THEN 'talk:customer_wrote'
        ELSE '' END
    WHEN document LIKE '%"event":{"holding":%' THEN CASE
        WHEN document LIKE '%"event":{"holding":{"claimed":%' THEN 'holding:claimed'
        WHEN document LIKE '%"event":{"holding":{"released":%' THEN 'holding:released'
        WHEN document LIKE '%"event":{"holding":{"assigned":%' THEN 'holding:assigned'
        WHEN document LIKE '%"event":{"holding":{"transferred":%' THEN 'holding:transferred'
        ELSE '' END
    WHEN document LIKE '%"event":{"contact_attempted":%' THEN 'contact_attempted'
    WHEN document LIKE '%"event":{"paused":%' THEN 'paused'
    WHEN document LIKE '%"event":{"resumed":%' THEN 'resumed'
    WHEN document LIKE '%"event":{"priority_changed":%' THEN 'priority_changed'
    WHEN document LIKE '%"event":{"resolved":%' THEN 'resolved'
    WHEN document LIKE '%"event":{"verified":%' THEN 'verified'
    WHEN document LIKE '%"event":{"verification_reminded":%' THEN 'verification_reminded'
    WHEN document LIKE '%"event":"verification_unanswered"%' THEN 'verification_unanswered'
    WHEN document LIKE '%"event":{"closed":%' THEN 'closed'
    WHEN document LIKE '%"event":{"reopened":%' THEN 'reopened'
    WHEN document LIKE '%"event":{"revision":%' THEN CASE
        WHEN document LIKE '%"event":{"revision":{"weighed":%' THEN 'revision:weighed'
        WHEN document LIKE '%"event":{"revision":{"corrected":%' THEN 'revision:corrected'
        WHEN document LIKE '%"event":{"revision":{"contact_taken_back":%' THEN 'revision:contact_taken_back'
        WHEN document LIKE '%"event":{"revision":{"amended":%' THEN 'revision:amended'
        ELSE '' END
    WHEN document LIKE '%"event":{"withdrawn":%' THEN CASE
        WHEN document LIKE '%"event":{"withdrawn":{"cancelled":%' THEN 'withdrawn:cancelled'
        WHEN document LIKE '%"event":{"withdrawn":{"duplicate":%' THEN 'withdrawn:duplicate'
        ELSE '' END
    WHEN document LIKE '%"event":{"link":%' THEN CASE
        WHEN document LIKE '%"event":{"link":{"related":%' THEN 'link:related'
        WHEN document LIKE '%"event":{"link":{"unrelated":%' THEN 'link:unrelated'
        WHEN document LIKE '%"event":{"link":{"followed_by":%' THEN 'link:followed_by'
        WHEN document LIKE '%"event":{"link":{"has_duplicate":%' THEN 'link:has_duplicate'
        ELSE '' END
    ELSE '' END;
