"""The tables, each in one place, in the order in which an upload fills them.

Money is integer cents in columns named *_cents, instants are ISO 8601 in UTC in columns named *_at, days are ISO dates,
yes and no are 1 and 0. Every row carries its firm: Slack's team id. What Slack or a firm names is unique within the
firm. An id of Clio's is unique within `account` only, "us:1234": a place of Clio's and the account there. Ids of our
own are unique over all firms.

Written as SQLite reads it; storage/postgres_schema.py makes PostgreSQL's of the same list.
"""

import re

from brought_forward.storage.views import VIEWS

TABLES = """
-- Firms: their app in Slack, their sign-ins to Clio, and what they have set. A token is sealed by the key that is named
-- beside it; where the environment gives one, its row holds none.

CREATE TABLE firm (
    id TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '', known_at TEXT NOT NULL
) STRICT;

CREATE TABLE slack_installation (
    firm TEXT PRIMARY KEY REFERENCES firm(id), bot_user TEXT NOT NULL, source TEXT NOT NULL,
    token BLOB, key_id TEXT, installed_at TEXT NOT NULL, installed_by TEXT,
    ended_at TEXT, ended_by TEXT  -- 'uninstalled' or 'revoked'; then the row holds no token
) STRICT;

CREATE TABLE clio_connection (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL REFERENCES firm(id), region TEXT NOT NULL, source TEXT NOT NULL,
    account TEXT, user_id INTEGER, user_name TEXT,  -- whose sign-in it is, once Clio has said so
    access_token BLOB, refresh_token BLOB, key_id TEXT,
    expires_at TEXT, life REAL,  -- when the access token ends, and how many seconds it was given
    version INTEGER NOT NULL DEFAULT 1,  -- one more with each change of tokens: two that refresh do not cross
    connected_at TEXT NOT NULL, refreshed_at TEXT, refresh_at TEXT,  -- refresh_at: not before, after one that failed
    warned INTEGER,  -- days before its end that approvers were last told of
    stands_by INTEGER NOT NULL DEFAULT 0,  -- it takes over once the first of its account is over
    took_over INTEGER REFERENCES clio_connection(id),  -- from which one it did
    person TEXT, holder TEXT NOT NULL DEFAULT 'here', looked_at TEXT,  -- who holds it: in Slack, what became of them
    news TEXT,  -- what approvers are still to be told of it
    ended_at TEXT, ended_by TEXT  -- 'disconnect', 'connect' or 'clio'
) STRICT;
CREATE UNIQUE INDEX clio_connection_open ON clio_connection (firm, source, stands_by) WHERE ended_at IS NULL;

-- A sign-in that was begun in a Home tab: the state that Clio hands back serves once, and not for long.
CREATE TABLE sign_in_request (
    digest TEXT PRIMARY KEY, firm TEXT NOT NULL REFERENCES firm(id), person TEXT NOT NULL, region TEXT NOT NULL,
    made_at TEXT NOT NULL, ends_at TEXT NOT NULL, used_at TEXT, connection INTEGER REFERENCES clio_connection(id)
) STRICT;

-- What a sign-in was seen to be able to read as it was made.
CREATE TABLE clio_right (
    firm TEXT NOT NULL, connection INTEGER NOT NULL REFERENCES clio_connection(id), place INTEGER NOT NULL,
    what TEXT NOT NULL, may INTEGER, todo TEXT NOT NULL,
    PRIMARY KEY (connection, place)
) STRICT;

CREATE TABLE doctor_request (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, person TEXT NOT NULL, asked_at TEXT NOT NULL, ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX doctor_request_open ON doctor_request (firm, person) WHERE ended_at IS NULL;

CREATE TABLE firm_setting (
    firm TEXT NOT NULL REFERENCES firm(id), name TEXT NOT NULL, value TEXT NOT NULL,  -- JSON
    set_by TEXT NOT NULL, set_at TEXT NOT NULL,
    PRIMARY KEY (firm, name)
) STRICT;

-- Intake: what Slack tells of files, and the files.

CREATE TABLE seen_event (
    firm TEXT NOT NULL, event_id TEXT NOT NULL, channel TEXT NOT NULL, file_id TEXT NOT NULL, person TEXT NOT NULL,
    event_ts TEXT NOT NULL, share_ts TEXT, thread_ts TEXT, shared INTEGER NOT NULL DEFAULT 0, typed_cents INTEGER,
    seen_at TEXT NOT NULL, asks INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL,
    silent_since TEXT,  -- since when Slack does not say who the uploader is
    outcome TEXT,
    PRIMARY KEY (firm, event_id, file_id)
) STRICT;

CREATE TABLE kept_file (
    firm TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL, kept_at TEXT NOT NULL,
    PRIMARY KEY (firm, sha256)
) STRICT;

-- A batch: one share of a file, and its life.

CREATE TABLE batch (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL,
    channel TEXT NOT NULL, file_id TEXT NOT NULL, share_ts TEXT NOT NULL, thread_ts TEXT,
    uploader TEXT NOT NULL, owner TEXT NOT NULL, file_name TEXT NOT NULL, file_size INTEGER NOT NULL, sha256 TEXT,
    namesake INTEGER NOT NULL DEFAULT 0,  -- an earlier file of the thread is called the same
    joined INTEGER REFERENCES batch(id),  -- the batch whose file this one mends
    mended INTEGER NOT NULL DEFAULT 0,  -- it mends lines of one that was decided already
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,

    status TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 0,
    hash TEXT,  -- of the entries of this revision: what a click approves
    halt TEXT, halt_text TEXT,  -- why it stands still, as a word and as a sentence

    -- read from the sheet
    parses INTEGER NOT NULL DEFAULT 0, question TEXT, sheet TEXT, header_row INTEGER,
    signature TEXT NOT NULL DEFAULT '',  -- of the headings: what answers are remembered by
    zero_rows INTEGER NOT NULL DEFAULT 0, stated_as_of TEXT,
    control_cents INTEGER, typed_cents INTEGER, typed_by TEXT,  -- totals: the file's own, the report's
    differences TEXT NOT NULL DEFAULT '[]', confirmed_by TEXT, remarks TEXT NOT NULL DEFAULT '[]',
    balance TEXT NOT NULL DEFAULT '', proofs TEXT NOT NULL DEFAULT '[]', census TEXT NOT NULL DEFAULT '[]',
    column_cents INTEGER, comments TEXT, renote INTEGER NOT NULL DEFAULT 0,

    -- what Clio and people say of it
    account TEXT, currency TEXT, taxed INTEGER NOT NULL DEFAULT 0, tax_unknown INTEGER NOT NULL DEFAULT 0,
    description TEXT, description_id INTEGER, description_sends INTEGER NOT NULL DEFAULT 0,
    form TEXT NOT NULL DEFAULT 'flat', user_id INTEGER,
    posting_date TEXT, chosen_date TEXT, as_of TEXT,
    file_look_at TEXT, file_now TEXT, file_kept_by TEXT,  -- what became of the file in Slack, and who said go on

    -- approval
    rules TEXT NOT NULL, first_by TEXT, first_for TEXT, first_at TEXT, first_reason TEXT,
    decided_by TEXT, decided_for TEXT, decided_at TEXT, decided_reason TEXT,  -- for whom: a stand-in's approver
    remind_at TEXT, reminded_at TEXT, expire_at TEXT,

    -- the run that moves it
    run_token TEXT, begun TEXT,  -- the newest run, and the one that had its turn
    queued_at TEXT, episode INTEGER NOT NULL DEFAULT 1, listed_at TEXT,
    results_due INTEGER NOT NULL DEFAULT 0, read_back_due INTEGER NOT NULL DEFAULT 0, read_back TEXT,
    hold_by TEXT, purged_at TEXT,  -- retention: who wants all of it kept, and when its names and texts were taken
    UNIQUE (firm, channel, file_id, share_ts)
) STRICT;
CREATE INDEX batch_file ON batch (firm, sha256);
CREATE INDEX batch_waiting ON batch (status, expire_at);

-- What people ask for by a shortcut, a form or a direct message.
CREATE TABLE wish (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, said TEXT NOT NULL, kind TEXT NOT NULL, person TEXT NOT NULL,
    channel TEXT, message_ts TEXT, thread_ts TEXT, author TEXT NOT NULL, file_id TEXT NOT NULL, file_name TEXT NOT NULL,
    bytes BLOB, posting_date TEXT, typed_cents INTEGER, answer_url TEXT, asked INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, made_at TEXT NOT NULL, next_at TEXT, silent_since TEXT,
    outcome TEXT, batch INTEGER REFERENCES batch(id),
    UNIQUE (firm, said)
) STRICT;
CREATE INDEX wish_due ON wish (next_at) WHERE outcome IS NULL;
CREATE INDEX wish_batch ON wish (batch) WHERE batch IS NOT NULL;

CREATE TABLE replacement (
    firm TEXT NOT NULL, newer INTEGER NOT NULL REFERENCES batch(id), older INTEGER NOT NULL REFERENCES batch(id),
    matters INTEGER NOT NULL, shared INTEGER NOT NULL,  -- matters of the newer one, and how many both have
    replaces INTEGER, answered_by TEXT, answered_at TEXT,
    PRIMARY KEY (newer, older)
) STRICT;
CREATE INDEX replacement_older ON replacement (older);

-- Reading: the rows of the sheet, and what people answered and changed.

CREATE TABLE line (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    row INTEGER NOT NULL, cell TEXT NOT NULL,
    matter TEXT, named_user TEXT, client TEXT, amount_cents INTEGER, date TEXT, note TEXT,
    unreadable TEXT,  -- why it cannot be read
    stated TEXT,  -- what the sheet itself says against it
    skipped TEXT, anyway TEXT,  -- who left it out, and who lets it be posted although a rule says no
    left_out TEXT, entry INTEGER REFERENCES entry(id) ON DELETE SET NULL  -- where it went
) STRICT;
CREATE INDEX line_batch ON line (batch, row);
CREATE INDEX line_entry ON line (entry);
CREATE INDEX line_again ON line (firm, matter, amount_cents) WHERE matter IS NOT NULL;

-- Lines that a batch's file mends of an earlier one, which was decided already.
CREATE TABLE mended_line (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    of_batch INTEGER NOT NULL REFERENCES batch(id), of_row INTEGER NOT NULL,
    PRIMARY KEY (of_batch, of_row, batch)
) STRICT;
CREATE INDEX mended_line_batch ON mended_line (batch);

CREATE TABLE not_counted (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), row INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL, why TEXT NOT NULL
) STRICT;
CREATE INDEX not_counted_batch ON not_counted (batch, row);

CREATE TABLE answer (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, channel TEXT NOT NULL, signature TEXT NOT NULL, kind TEXT NOT NULL,
    choice TEXT NOT NULL, heading TEXT, answered_by TEXT NOT NULL, answered_at TEXT NOT NULL,
    confirmed_by TEXT, confirmed_at TEXT, replaced_at TEXT
) STRICT;
CREATE UNIQUE INDEX answer_in_force ON answer (firm, channel, signature, kind) WHERE replaced_at IS NULL;

CREATE TABLE used_answer (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), answer INTEGER NOT NULL REFERENCES answer(id),
    PRIMARY KEY (batch, answer)
) STRICT;

-- What somebody chose in the form, not saved yet; and what was saved, beside what stood there.
CREATE TABLE draft (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), revision INTEGER NOT NULL, actor TEXT NOT NULL,
    row INTEGER NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY (batch, revision, actor, row)
) STRICT;

CREATE TABLE correction (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    revision INTEGER NOT NULL, row INTEGER NOT NULL, field TEXT NOT NULL, was TEXT, now TEXT, actor TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX correction_batch ON correction (batch);

-- Matching: the firm's matters and users as Clio last listed them, which texts of a sheet mean which, and what the
-- rules say against a line.

CREATE TABLE matter (
    firm TEXT NOT NULL, account TEXT NOT NULL, id INTEGER NOT NULL, display_number TEXT NOT NULL,
    custom_number TEXT NOT NULL DEFAULT '', client_reference TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL, status TEXT NOT NULL, billable INTEGER NOT NULL, billing_method TEXT NOT NULL,
    client TEXT NOT NULL, currency TEXT, responsible_attorney_id INTEGER,
    PRIMARY KEY (firm, account, id)
) STRICT;

CREATE TABLE clio_user (
    firm TEXT NOT NULL, account TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, first_name TEXT NOT NULL,
    last_name TEXT NOT NULL, initials TEXT NOT NULL, email TEXT NOT NULL, enabled INTEGER NOT NULL,
    clio_connect INTEGER NOT NULL,
    PRIMARY KEY (firm, account, id)
) STRICT;

CREATE TABLE listing (
    firm TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, whole_at TEXT NOT NULL, since_at TEXT NOT NULL,
    PRIMARY KEY (firm, account, kind)
) STRICT;

CREATE TABLE alias (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    folded TEXT NOT NULL, clio_id INTEGER NOT NULL, label TEXT NOT NULL,
    channel TEXT,  -- where it holds; in every channel once it is confirmed
    chosen_by TEXT NOT NULL, chosen_at TEXT NOT NULL, confirmed_by TEXT, confirmed_at TEXT,
    forgotten_by TEXT, forgotten_at TEXT
) STRICT;
CREATE UNIQUE INDEX alias_taught ON alias (firm, account, kind, folded, coalesce(channel, ''))
    WHERE forgotten_at IS NULL AND confirmed_at IS NULL;
CREATE UNIQUE INDEX alias_confirmed ON alias (firm, account, kind, folded)
    WHERE forgotten_at IS NULL AND confirmed_at IS NOT NULL;

CREATE TABLE finding (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), position INTEGER NOT NULL, row INTEGER,
    code TEXT NOT NULL, text TEXT NOT NULL, blocks INTEGER NOT NULL, chosen_by TEXT, chosen_at TEXT,
    choice INTEGER REFERENCES alias(id),
    PRIMARY KEY (batch, position)
) STRICT;
CREATE INDEX finding_choice ON finding (choice) WHERE choice IS NOT NULL;

-- What a line writes for its matter or user that fits none or several, and what is near it.
CREATE TABLE open_name (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), row INTEGER NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, client TEXT, near TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (batch, row, kind)
) STRICT;

-- Approval: every decision, allowed or not.

CREATE TABLE decision (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    revision INTEGER NOT NULL, hash TEXT, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    allowed INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '', approvers TEXT NOT NULL, action_ts TEXT, clicked TEXT,
    stands_for TEXT  -- the approver in whose place somebody acted
) STRICT;
CREATE INDEX decision_batch ON decision (batch);

-- What an approver asks who brought the batch: open, it keeps the batch from approval. `said`: by which form.
CREATE TABLE query (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    revision INTEGER NOT NULL, asked_by TEXT NOT NULL, asked_at TEXT NOT NULL, said TEXT NOT NULL, text TEXT NOT NULL,
    ended TEXT, ended_by TEXT, ended_at TEXT, answer TEXT,
    UNIQUE (batch, asked_by, said)
) STRICT;

-- Who decides for an approver who is away, until the end of a day where the firm is.
CREATE TABLE stand_in (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, named_by TEXT NOT NULL, person TEXT NOT NULL, until TEXT NOT NULL,
    named_at TEXT NOT NULL, ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX stand_in_open ON stand_in (firm, named_by) WHERE ended_at IS NULL;

CREATE TABLE user_group (
    firm TEXT NOT NULL, id TEXT NOT NULL, members TEXT, read_at TEXT NOT NULL,
    PRIMARY KEY (firm, id)
) STRICT;

-- Posting: one entry for each matter and user, every attempt to send it, and what stood in Clio before.

CREATE TABLE entry (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, account TEXT, batch INTEGER NOT NULL REFERENCES batch(id),
    position INTEGER NOT NULL, matter_id INTEGER NOT NULL, matter_number TEXT NOT NULL,
    user_id INTEGER NOT NULL, user_name TEXT NOT NULL, amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0),
    date TEXT NOT NULL, note TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'planned', reason TEXT, token TEXT, sent_at TEXT, look_at TEXT, settled_at TEXT,
    -- sends without an answer, and how many there may be
    unanswered INTEGER NOT NULL DEFAULT 0, allowed INTEGER NOT NULL DEFAULT 2,
    clio_id INTEGER, found INTEGER NOT NULL DEFAULT 0,  -- found by a look-up, not told by the answer
    clio_at TEXT, clio_note TEXT,  -- when by Clio's own clock it was sent, and how Clio spells its note
    UNIQUE (batch, matter_id, user_id), UNIQUE (account, clio_id)
) STRICT;
CREATE INDEX entry_state ON entry (batch, state, position);
CREATE INDEX entry_matter ON entry (account, matter_id, state);
CREATE INDEX entry_user ON entry (firm, user_id);

-- What a plan made anew must not forget, also of entries that are not in it: sends without an answer.
CREATE TABLE unanswered (
    firm TEXT NOT NULL, account TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    matter_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    sends INTEGER NOT NULL, allowed INTEGER NOT NULL, clio_at TEXT,
    PRIMARY KEY (batch, account, matter_id, user_id)
) STRICT;

-- An attempt says by itself what was sent: the entry may be planned anew in another form.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    entry INTEGER REFERENCES entry(id) ON DELETE SET NULL, matter_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL, form TEXT NOT NULL, token TEXT NOT NULL UNIQUE, sent_at TEXT NOT NULL,
    settled_at TEXT, outcome TEXT, detail TEXT
) STRICT;
CREATE INDEX attempt_entry ON attempt (entry);

CREATE TABLE older_entry (
    firm TEXT NOT NULL, account TEXT, batch INTEGER NOT NULL REFERENCES batch(id), clio_id INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,  -- ours once, and deleted in Clio
    PRIMARY KEY (batch, clio_id)
) STRICT;
CREATE INDEX older_entry_removed ON older_entry (account, clio_id) WHERE removed = 1;

-- In which form Clio took the test of one cent: an account's first batch begins so.
CREATE TABLE probed_form (
    firm TEXT NOT NULL, account TEXT NOT NULL, form TEXT NOT NULL, probed_at TEXT NOT NULL,
    PRIMARY KEY (firm, account)
) STRICT;

-- Clio's window of calls, by the person that the sign-in is of; its instants are seconds of the store's clock.
CREATE TABLE pace (
    connection TEXT PRIMARY KEY, quota INTEGER NOT NULL, remaining INTEGER NOT NULL, window_end REAL NOT NULL,
    wait REAL NOT NULL DEFAULT 0, calls INTEGER NOT NULL DEFAULT 0,
    ours INTEGER NOT NULL DEFAULT 0, theirs INTEGER NOT NULL DEFAULT 0, others REAL NOT NULL DEFAULT 0,
    next_at REAL NOT NULL DEFAULT 0, closed_until REAL NOT NULL DEFAULT 0,
    previews INTEGER NOT NULL DEFAULT 0, run_at REAL NOT NULL DEFAULT 0
) STRICT;

-- Afterwards: an undo, entry by entry, and what people ask about a batch's entries in Clio.

CREATE TABLE reversal (
    firm TEXT NOT NULL, account TEXT, batch INTEGER NOT NULL REFERENCES batch(id), episode INTEGER NOT NULL,
    entry INTEGER NOT NULL REFERENCES entry(id), clio_id INTEGER NOT NULL, outcome TEXT, reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0, tried_at TEXT, look_at TEXT, settled_at TEXT,
    PRIMARY KEY (batch, episode, entry)
) STRICT;
CREATE INDEX reversal_open ON reversal (batch, episode) WHERE outcome IS NULL;
CREATE INDEX reversal_gone ON reversal (account, clio_id) WHERE outcome = 'reversed';

CREATE TABLE inquiry (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, account TEXT, batch INTEGER NOT NULL REFERENCES batch(id),
    kind TEXT NOT NULL, asked_by TEXT NOT NULL, asked_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open',
    slot TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, newest_id INTEGER, sent_at TEXT,
    sends INTEGER NOT NULL DEFAULT 0, report_id INTEGER, found TEXT, file_name TEXT, bytes BLOB,
    read_at TEXT, ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX inquiry_open ON inquiry (batch, kind) WHERE state = 'open';
CREATE UNIQUE INDEX inquiry_report ON inquiry (account, report_id) WHERE report_id IS NOT NULL;
CREATE INDEX inquiry_due ON inquiry (next_at) WHERE state = 'open';

-- Channels that want to read each Monday how far their bills are; `told` is the Monday of the last week.
CREATE TABLE digest (
    firm TEXT NOT NULL, channel TEXT NOT NULL, asked_by TEXT NOT NULL, asked_at TEXT NOT NULL, told TEXT NOT NULL,
    PRIMARY KEY (firm, channel)
) STRICT;

-- Slack: what each message and Home tab should show, and what Slack shows.

CREATE TABLE message (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER REFERENCES batch(id), slot TEXT NOT NULL,
    channel TEXT NOT NULL, thread_ts TEXT, ts TEXT, text TEXT NOT NULL, blocks TEXT NOT NULL,
    attach TEXT, file_name TEXT,  -- a workbook that is owed, and its name
    wanted INTEGER NOT NULL DEFAULT 1, shown INTEGER NOT NULL DEFAULT 0,  -- versions
    plain INTEGER NOT NULL DEFAULT 0, edit_gap REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, refusals INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, shown_at TEXT,
    error TEXT,
    UNIQUE (batch, slot)
) STRICT;
CREATE INDEX message_due ON message (channel, id) WHERE shown < wanted;
CREATE UNIQUE INDEX message_told ON message (firm, slot) WHERE batch IS NULL AND slot LIKE 'told-%';

CREATE TABLE home (
    firm TEXT NOT NULL, person TEXT NOT NULL, opened_at TEXT NOT NULL, due_at TEXT, shown TEXT, hash TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (firm, person)
) STRICT;

-- Runs of what is owed to a firm beside its batches: the token of the one that carries it out.
CREATE TABLE duty (
    kind TEXT NOT NULL, firm TEXT NOT NULL, token TEXT NOT NULL,
    PRIMARY KEY (kind, firm)
) STRICT;

-- The audit: one chain a firm, storage/audit.py. What people wrote stands beside it; purged, salt and words are NULL.

CREATE TABLE audit (
    firm TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT, batch INTEGER,
    subject INTEGER,  -- the row that it tells of
    facts TEXT NOT NULL, words_digest TEXT, before TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (firm, number)
) STRICT;
CREATE INDEX audit_batch ON audit (batch, kind, number);
CREATE INDEX audit_subject ON audit (firm, subject, kind, number) WHERE subject IS NOT NULL;

CREATE TABLE audit_words (
    firm TEXT NOT NULL, number INTEGER NOT NULL, batch INTEGER, salt TEXT, words TEXT,
    PRIMARY KEY (firm, number)
) STRICT;
CREATE INDEX audit_words_batch ON audit_words (batch) WHERE words IS NOT NULL;

-- Firms of which nothing is purged.
CREATE TABLE legal_hold (
    firm TEXT PRIMARY KEY, why TEXT NOT NULL, held_by TEXT NOT NULL, held_at TEXT NOT NULL
) STRICT;

-- Whether the file is for practice: one row, once it is known. A file that was moved to a PostgreSQL names it: no bot
-- serves it any more.
CREATE TABLE purpose (practice INTEGER NOT NULL, moved_to TEXT) STRICT
"""

# A link is never changed nor taken away, and words beside it can only be purged.
TRIGGERS = """
CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'a link of the audit is never changed'); END
CREATE TRIGGER audit_whole BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'a link of the audit stays'); END
CREATE TRIGGER words_kept BEFORE UPDATE ON audit_words WHEN NEW.words IS NOT NULL OR NEW.salt IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'words of the audit are purged or stay as they are'); END
CREATE TRIGGER words_whole BEFORE DELETE ON audit_words BEGIN SELECT RAISE(ABORT, 'words of the audit stay'); END
"""

STATEMENTS = [
    *(" ".join(one.split()) for one in re.sub(r"--.*", "", TABLES).split(";")),
    *(f"CREATE TRIGGER {' '.join(one.split())}" for one in TRIGGERS.split("CREATE TRIGGER ")[1:]),
    *VIEWS,
]
