"""The tables, migration by migration. Appended to, never edited once released.

Money is integer cents in columns named *_cents, instants are ISO 8601 in UTC in columns named *_at, days are ISO dates.
Every row carries its firm: Slack's team id.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("brought-forward")

FIRST = """
CREATE TABLE kept_file (
    firm TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL, kept_at TEXT NOT NULL,
    PRIMARY KEY (firm, sha256)
) STRICT;

CREATE TABLE batch (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL,
    channel TEXT NOT NULL, file_id TEXT NOT NULL, share_ts TEXT NOT NULL, thread_ts TEXT,
    uploader TEXT NOT NULL, owner TEXT NOT NULL, file_name TEXT NOT NULL, file_size INTEGER NOT NULL, sha256 TEXT,
    status TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 0, hash TEXT,
    account TEXT, currency TEXT, description TEXT, description_id INTEGER,
    posting_date TEXT, as_of TEXT, sheet TEXT, header_row INTEGER, zero_rows INTEGER NOT NULL DEFAULT 0,
    control_cents INTEGER, remarks TEXT NOT NULL DEFAULT '[]', taxed INTEGER NOT NULL DEFAULT 0,
    parses INTEGER NOT NULL DEFAULT 0, run_token TEXT, episode INTEGER NOT NULL DEFAULT 1,
    listed_at TEXT, halt TEXT, halt_text TEXT,
    decided_by TEXT, decided_at TEXT,
    results_due INTEGER NOT NULL DEFAULT 0, read_back_due INTEGER NOT NULL DEFAULT 0, read_back TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE (firm, channel, file_id, share_ts)
) STRICT;

CREATE TABLE entry (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    position INTEGER NOT NULL, matter_id INTEGER NOT NULL, matter_number TEXT NOT NULL,
    user_id INTEGER NOT NULL, user_name TEXT NOT NULL, amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0),
    date TEXT NOT NULL, note TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'planned', token TEXT, sent_at TEXT,
    look_at TEXT, clio_id INTEGER UNIQUE, reason TEXT, found INTEGER NOT NULL DEFAULT 0, settled_at TEXT,
    UNIQUE (batch, matter_id, user_id)
) STRICT;
CREATE INDEX entry_state ON entry (batch, state, position);
CREATE INDEX entry_matter ON entry (firm, matter_id, state);

CREATE TABLE line (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    row INTEGER NOT NULL, cell TEXT NOT NULL, matter TEXT, user TEXT, client TEXT, amount_cents INTEGER,
    date TEXT, note TEXT, unreadable TEXT, left_out TEXT,
    entry INTEGER REFERENCES entry(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX line_batch ON line (batch, row);
CREATE INDEX line_entry ON line (entry);

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry(id),
    token TEXT NOT NULL UNIQUE, sent_at TEXT NOT NULL, settled_at TEXT, outcome TEXT, detail TEXT
) STRICT;
CREATE INDEX attempt_entry ON attempt (entry);

CREATE TABLE older_entry (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), clio_id INTEGER NOT NULL,
    PRIMARY KEY (batch, clio_id)
) STRICT;

CREATE TABLE decision (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    revision INTEGER NOT NULL, hash TEXT, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    allowed INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '', approvers TEXT NOT NULL, action_ts TEXT
) STRICT;
CREATE INDEX decision_batch ON decision (batch);

CREATE TABLE message (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER REFERENCES batch(id), slot TEXT NOT NULL,
    channel TEXT NOT NULL, thread_ts TEXT, ts TEXT, text TEXT NOT NULL, blocks TEXT NOT NULL,
    wanted INTEGER NOT NULL DEFAULT 1, shown INTEGER NOT NULL DEFAULT 0, plain INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, shown_at TEXT, error TEXT,
    UNIQUE (batch, slot)
) STRICT;
CREATE INDEX message_due ON message (channel, id) WHERE shown < wanted;

CREATE TABLE seen_event (
    firm TEXT NOT NULL, event_id TEXT NOT NULL, channel TEXT NOT NULL, file_id TEXT NOT NULL, user TEXT NOT NULL,
    event_ts TEXT NOT NULL, share_ts TEXT, thread_ts TEXT, seen_at TEXT NOT NULL,
    outcome TEXT, asks INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL,
    PRIMARY KEY (firm, event_id, file_id)
) STRICT;

CREATE TABLE matter (
    firm TEXT NOT NULL, account TEXT NOT NULL, id INTEGER NOT NULL, display_number TEXT NOT NULL,
    description TEXT NOT NULL, status TEXT NOT NULL, billable INTEGER NOT NULL, billing_method TEXT NOT NULL,
    client TEXT NOT NULL, currency TEXT, responsible_attorney_id INTEGER,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE clio_user (
    firm TEXT NOT NULL, account TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, first_name TEXT NOT NULL,
    last_name TEXT NOT NULL, initials TEXT NOT NULL, email TEXT NOT NULL, enabled INTEGER NOT NULL,
    clio_connect INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE listing (
    firm TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, whole_at TEXT NOT NULL, since_at TEXT NOT NULL,
    PRIMARY KEY (account, kind)
) STRICT;

CREATE TABLE pace (
    connection TEXT PRIMARY KEY, quota INTEGER NOT NULL, remaining INTEGER NOT NULL, window_end REAL NOT NULL,
    wait REAL NOT NULL DEFAULT 0, calls INTEGER NOT NULL DEFAULT 0
) STRICT;
"""


@migrations()
def first_tables(db: Database) -> None:
    """Create everything the first release keeps."""
    for statement in FIRST.split(";"):
        if statement.strip():
            db.execute(statement)


SECOND = """
ALTER TABLE message ADD COLUMN attach TEXT;
ALTER TABLE message ADD COLUMN file_name TEXT;
ALTER TABLE batch ADD COLUMN question TEXT;
ALTER TABLE batch ADD COLUMN differences TEXT NOT NULL DEFAULT '[]';
ALTER TABLE batch ADD COLUMN confirmed_by TEXT;
ALTER TABLE batch ADD COLUMN typed_cents INTEGER;
ALTER TABLE batch ADD COLUMN joined INTEGER REFERENCES batch(id);
ALTER TABLE seen_event ADD COLUMN typed_cents INTEGER;

CREATE TABLE answer (
    firm TEXT NOT NULL, channel TEXT NOT NULL, signature TEXT NOT NULL, kind TEXT NOT NULL, choice TEXT NOT NULL,
    answered_by TEXT NOT NULL, answered_at TEXT NOT NULL,
    PRIMARY KEY (firm, channel, signature, kind)
) STRICT
"""


@migrations()
def questions_and_workbooks(db: Database) -> None:
    """Keep what staff answered about a sheet, what differs from its own totals, and files that we owe."""
    for statement in SECOND.split(";"):
        db.execute(statement)


THIRD = """
ALTER TABLE batch ADD COLUMN user_id INTEGER;
ALTER TABLE matter ADD COLUMN custom_number TEXT NOT NULL DEFAULT '';
ALTER TABLE matter ADD COLUMN client_reference TEXT NOT NULL DEFAULT '';
DELETE FROM listing WHERE kind = 'matter';

CREATE TABLE alias (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    folded TEXT NOT NULL, clio_id INTEGER NOT NULL, label TEXT NOT NULL, chosen_by TEXT NOT NULL,
    chosen_at TEXT NOT NULL, forgotten_by TEXT, forgotten_at TEXT
) STRICT;
CREATE UNIQUE INDEX alias_in_force ON alias (firm, account, kind, folded) WHERE forgotten_at IS NULL;

CREATE TABLE finding (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), position INTEGER NOT NULL, row INTEGER,
    code TEXT NOT NULL, text TEXT NOT NULL, blocks INTEGER NOT NULL, chosen_by TEXT, chosen_at TEXT,
    PRIMARY KEY (batch, position)
) STRICT;

CREATE INDEX line_again ON line (firm, matter, amount_cents) WHERE matter IS NOT NULL;
CREATE INDEX batch_file ON batch (firm, sha256);
CREATE INDEX entry_user ON entry (firm, user_id)
"""


@migrations()
def rules_and_choices(db: Database) -> None:
    """Keep what the rules said, what people chose, and the numbers by which matters are known elsewhere.

    The matters are listed whole once more: those that are kept lack these numbers.
    """
    for statement in THIRD.split(";"):
        db.execute(statement)


CORRECTIONS = """
ALTER TABLE line ADD COLUMN skipped TEXT;
ALTER TABLE line ADD COLUMN anyway TEXT;

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
CREATE INDEX correction_batch ON correction (batch)
"""


@migrations()
def corrections(db: Database) -> None:
    """Keep what people put right in a batch's lines, beside what stood there."""
    for statement in CORRECTIONS.split(";"):
        db.execute(statement)


RULES = """
ALTER TABLE batch ADD COLUMN rules TEXT;
ALTER TABLE batch ADD COLUMN first_by TEXT;
ALTER TABLE batch ADD COLUMN first_at TEXT;
ALTER TABLE batch ADD COLUMN decided_reason TEXT;
ALTER TABLE batch ADD COLUMN remind_at TEXT;
ALTER TABLE batch ADD COLUMN reminded_at TEXT;
ALTER TABLE batch ADD COLUMN expire_at TEXT;
ALTER TABLE decision ADD COLUMN clicked TEXT;
ALTER TABLE seen_event ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
CREATE INDEX batch_waiting ON batch (status, expire_at);

CREATE TABLE user_group (
    firm TEXT NOT NULL, id TEXT NOT NULL, members TEXT, read_at TEXT NOT NULL,
    PRIMARY KEY (firm, id)
) STRICT
"""


@migrations()
def rules_of_approval(db: Database) -> None:
    """Keep each batch's rules, the first of two approvals, reasons, due instants, and who is in a user group."""
    for statement in RULES.split(";"):
        db.execute(statement)


DATES = """
ALTER TABLE batch ADD COLUMN chosen_date TEXT;
ALTER TABLE batch ADD COLUMN stated_as_of TEXT;
UPDATE batch SET stated_as_of = as_of WHERE as_of IS NOT posting_date
"""


@migrations()
def chosen_dates(db: Database) -> None:
    """Keep the posting date that a person chose, and apart from it the day that the sheet itself names."""
    for statement in DATES.split(";"):
        db.execute(statement)


STARTS = """
CREATE TABLE wish (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, said TEXT NOT NULL, kind TEXT NOT NULL, person TEXT NOT NULL,
    channel TEXT, message_ts TEXT, thread_ts TEXT, author TEXT NOT NULL, file_id TEXT NOT NULL, file_name TEXT NOT NULL,
    bytes BLOB, posting_date TEXT, typed_cents INTEGER, answer_url TEXT, asked INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, made_at TEXT NOT NULL, next_at TEXT, outcome TEXT,
    batch INTEGER REFERENCES batch(id),
    UNIQUE (firm, said)
) STRICT;
CREATE INDEX wish_due ON wish (next_at) WHERE outcome IS NULL;
CREATE INDEX wish_batch ON wish (batch) WHERE batch IS NOT NULL;

CREATE TABLE home (
    firm TEXT NOT NULL, user TEXT NOT NULL, opened_at TEXT NOT NULL, due_at TEXT, shown TEXT, hash TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (firm, user)
) STRICT;
CREATE UNIQUE INDEX message_told ON message (firm, slot) WHERE batch IS NULL AND slot LIKE 'told-%'
"""


@migrations()
def wishes_and_homes(db: Database) -> None:
    """Keep what people ask to bring forward by a shortcut, a form or a direct message, and who opened the Home tab."""
    for statement in STARTS.split(";"):
        db.execute(statement)


@migrations()
def edit_gaps(db: Database) -> None:
    """Keep with a message how long after its last version the next one may be shown, in seconds."""
    db.execute("ALTER TABLE message ADD COLUMN edit_gap REAL NOT NULL DEFAULT 0")


INQUIRIES = """
CREATE TABLE inquiry (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), kind TEXT NOT NULL,
    asked_by TEXT NOT NULL, asked_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open', slot TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, newest_id INTEGER, sent_at TEXT,
    report_id INTEGER, found TEXT, file_name TEXT, bytes BLOB, read_at TEXT, ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX inquiry_open ON inquiry (batch, kind) WHERE state = 'open';
CREATE UNIQUE INDEX inquiry_report ON inquiry (firm, report_id) WHERE report_id IS NOT NULL;
CREATE INDEX inquiry_due ON inquiry (next_at) WHERE state = 'open'
"""


@migrations()
def inquiries(db: Database) -> None:
    """Keep what people ask about a batch's entries in Clio, until it is answered."""
    for statement in INQUIRIES.split(";"):
        db.execute(statement)


PACES = """
ALTER TABLE pace ADD COLUMN ours INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pace ADD COLUMN theirs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pace ADD COLUMN others REAL NOT NULL DEFAULT 0;
ALTER TABLE pace ADD COLUMN next_at REAL NOT NULL DEFAULT 0;
ALTER TABLE pace ADD COLUMN closed_until REAL NOT NULL DEFAULT 0
"""


@migrations()
def other_programs_pace(db: Database) -> None:
    """Keep how much of Clio's window other programs use with the same sign-in."""
    for statement in PACES.split(";"):
        db.execute(statement)


UNDOING = """
CREATE TABLE reversal (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), episode INTEGER NOT NULL,
    entry INTEGER NOT NULL REFERENCES entry(id), clio_id INTEGER NOT NULL, outcome TEXT, reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0, tried_at TEXT, look_at TEXT, settled_at TEXT,
    PRIMARY KEY (batch, episode, entry)
) STRICT;
CREATE INDEX reversal_open ON reversal (batch, episode) WHERE outcome IS NULL;
CREATE INDEX reversal_gone ON reversal (firm, clio_id) WHERE outcome = 'reversed'
"""


@migrations()
def undoing(db: Database) -> None:
    """Keep what an undo does with each entry, and under which id of Clio's it stood."""
    for statement in UNDOING.split(";"):
        db.execute(statement)


PURPOSE = """
CREATE TABLE purpose (practice INTEGER NOT NULL) STRICT;
INSERT INTO purpose SELECT 0 WHERE EXISTS (SELECT 1 FROM batch)
"""


@migrations()
def purpose(db: Database) -> None:
    """Keep whether the file is for practice; one that holds batches already is not."""
    for statement in PURPOSE.split(";"):
        db.execute(statement)


QUEUES = """
ALTER TABLE batch ADD COLUMN queued_at TEXT;
ALTER TABLE batch ADD COLUMN begun TEXT;
UPDATE batch SET begun = run_token, queued_at = updated_at
    WHERE status IN ('approved', 'posting', 'paused', 'posted', 'stopped', 'undoing', 'undone')
"""


@migrations()
def queues(db: Database) -> None:
    """Keep since when a batch waits for its Clio sign-in, and the token of the run that had its turn."""
    for statement in QUEUES.split(";"):
        db.execute(statement)


@migrations()
def unknown_tax(db: Database) -> None:
    """Keep whether Clio did not say if it taxes bills by default."""
    db.execute("ALTER TABLE batch ADD COLUMN tax_unknown INTEGER NOT NULL DEFAULT 0")


WHO = """
ALTER TABLE seen_event ADD COLUMN silent_since TEXT;
ALTER TABLE wish ADD COLUMN silent_since TEXT;

ALTER TABLE alias ADD COLUMN channel TEXT;
ALTER TABLE alias ADD COLUMN confirmed_by TEXT;
ALTER TABLE alias ADD COLUMN confirmed_at TEXT;
DROP INDEX alias_in_force;
CREATE UNIQUE INDEX alias_taught ON alias (firm, account, kind, folded, coalesce(channel, ''))
    WHERE forgotten_at IS NULL AND confirmed_at IS NULL;
CREATE UNIQUE INDEX alias_confirmed ON alias (firm, account, kind, folded)
    WHERE forgotten_at IS NULL AND confirmed_at IS NOT NULL;
ALTER TABLE finding ADD COLUMN choice INTEGER REFERENCES alias(id);
CREATE INDEX finding_choice ON finding (choice) WHERE choice IS NOT NULL;

ALTER TABLE answer RENAME TO earlier_answer;
CREATE TABLE answer (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, channel TEXT NOT NULL, signature TEXT NOT NULL, kind TEXT NOT NULL,
    choice TEXT NOT NULL, heading TEXT, answered_by TEXT NOT NULL, answered_at TEXT NOT NULL,
    confirmed_by TEXT, confirmed_at TEXT, replaced_at TEXT
) STRICT;
INSERT INTO answer (firm, channel, signature, kind, choice, answered_by, answered_at)
    SELECT firm, channel, signature, kind, choice, answered_by, answered_at FROM earlier_answer;
DROP TABLE earlier_answer;
CREATE UNIQUE INDEX answer_in_force ON answer (firm, channel, signature, kind) WHERE replaced_at IS NULL;

CREATE TABLE used_answer (
    firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), answer INTEGER NOT NULL REFERENCES answer(id),
    PRIMARY KEY (batch, answer)
) STRICT
"""


@migrations()
def who_may_begin_and_approve(db: Database) -> None:
    """Keep since when Slack is silent about an uploader, who confirmed a choice, and by which choices a batch was read.

    What was chosen before nobody has confirmed; it holds in every channel, as it did.
    """
    for statement in WHO.split(";"):
        db.execute(statement)


@migrations()
def previews_pace(db: Database) -> None:
    """Keep how many calls of a window went to previews, and when a run asked last."""
    db.execute("ALTER TABLE pace ADD COLUMN previews INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE pace ADD COLUMN run_at REAL NOT NULL DEFAULT 0")


BOUND = """
ALTER TABLE entry ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN allowed INTEGER NOT NULL DEFAULT 2;
ALTER TABLE entry ADD COLUMN clio_at TEXT;
ALTER TABLE entry ADD COLUMN clio_note TEXT;
ALTER TABLE batch ADD COLUMN description_sends INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inquiry ADD COLUMN sends INTEGER NOT NULL DEFAULT 0
"""


@migrations()
def sent_without_an_answer(db: Database) -> None:
    """Keep how often something was sent to Clio without an answer, when by Clio's clock, and how Clio spells notes."""
    for statement in BOUND.split(";"):
        db.execute(statement)


FILES = """
ALTER TABLE message ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN file_look_at TEXT;
ALTER TABLE batch ADD COLUMN file_now TEXT;
ALTER TABLE batch ADD COLUMN file_kept_by TEXT;

CREATE TABLE replacement (
    firm TEXT NOT NULL, newer INTEGER NOT NULL REFERENCES batch(id), older INTEGER NOT NULL REFERENCES batch(id),
    matters INTEGER NOT NULL, shared INTEGER NOT NULL, replaces INTEGER, answered_by TEXT, answered_at TEXT,
    PRIMARY KEY (newer, older)
) STRICT;
CREATE INDEX replacement_older ON replacement (older)
"""


@migrations()
def files_in_slack(db: Database) -> None:
    """Keep refusals of workbooks, what became of a file after its preview, and whether it replaces another."""
    for statement in FILES.split(";"):
        db.execute(statement)


# An entry anew, since SQLite takes no UNIQUE off a column: what names an entry goes on naming it by its id.
PLACES = """
CREATE TABLE entry_by_place (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, account TEXT, batch INTEGER NOT NULL REFERENCES batch(id),
    position INTEGER NOT NULL, matter_id INTEGER NOT NULL, matter_number TEXT NOT NULL,
    user_id INTEGER NOT NULL, user_name TEXT NOT NULL, amount_cents INTEGER NOT NULL CHECK (amount_cents <> 0),
    date TEXT NOT NULL, note TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'planned', token TEXT, sent_at TEXT,
    look_at TEXT, clio_id INTEGER, reason TEXT, found INTEGER NOT NULL DEFAULT 0, settled_at TEXT,
    unanswered INTEGER NOT NULL DEFAULT 0, allowed INTEGER NOT NULL DEFAULT 2, clio_at TEXT, clio_note TEXT,
    UNIQUE (batch, matter_id, user_id), UNIQUE (account, clio_id)
) STRICT;
INSERT INTO entry_by_place SELECT id, firm, (SELECT account FROM batch WHERE batch.id = entry.batch), batch, position,
    matter_id, matter_number, user_id, user_name, amount_cents, date, note, state, token, sent_at, look_at, clio_id,
    reason, found, settled_at, unanswered, allowed, clio_at, clio_note FROM entry;
DROP TABLE entry;
ALTER TABLE entry_by_place RENAME TO entry;
CREATE INDEX entry_state ON entry (batch, state, position);
CREATE INDEX entry_matter ON entry (account, matter_id, state);
CREATE INDEX entry_user ON entry (firm, user_id);

ALTER TABLE reversal ADD COLUMN account TEXT;
UPDATE reversal SET account = (SELECT account FROM batch WHERE batch.id = reversal.batch);
DROP INDEX reversal_gone;
CREATE INDEX reversal_gone ON reversal (account, clio_id) WHERE outcome = 'reversed';

ALTER TABLE inquiry ADD COLUMN account TEXT;
UPDATE inquiry SET account = (SELECT account FROM batch WHERE batch.id = inquiry.batch);
DROP INDEX inquiry_report;
CREATE UNIQUE INDEX inquiry_report ON inquiry (account, report_id) WHERE report_id IS NOT NULL;

ALTER TABLE older_entry ADD COLUMN account TEXT;
ALTER TABLE older_entry ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
UPDATE older_entry SET account = (SELECT account FROM batch WHERE batch.id = older_entry.batch);
CREATE INDEX older_entry_removed ON older_entry (account, clio_id) WHERE removed = 1;

ALTER TABLE batch ADD COLUMN form TEXT NOT NULL DEFAULT 'flat';
CREATE TABLE attempt_of_itself (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id),
    entry INTEGER REFERENCES entry(id) ON DELETE SET NULL, matter_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL, form TEXT NOT NULL, token TEXT NOT NULL UNIQUE, sent_at TEXT NOT NULL,
    settled_at TEXT, outcome TEXT, detail TEXT
) STRICT;
INSERT INTO attempt_of_itself SELECT attempt.id, attempt.firm, entry.batch, entry, matter_id, user_id, amount_cents,
    'flat', attempt.token, attempt.sent_at, attempt.settled_at, outcome, detail
    FROM attempt JOIN entry ON entry.id = attempt.entry;
DROP TABLE attempt;
ALTER TABLE attempt_of_itself RENAME TO attempt;
CREATE INDEX attempt_entry ON attempt (entry)
"""


@migrations()
def places_and_forms(db: Database) -> None:
    """Keep with every id of Clio's the account it is of, and with a batch in which form its entries are sent.

    An attempt says by itself what was sent: the entry may be planned anew in another form.
    """
    for statement in PLACES.split(";"):
        db.execute(statement)


EVIDENCE = """
ALTER TABLE line ADD COLUMN stated TEXT;
ALTER TABLE batch ADD COLUMN balance TEXT NOT NULL DEFAULT '';
ALTER TABLE batch ADD COLUMN proofs TEXT NOT NULL DEFAULT '[]';
ALTER TABLE batch ADD COLUMN census TEXT NOT NULL DEFAULT '[]';
ALTER TABLE batch ADD COLUMN column_cents INTEGER;
ALTER TABLE batch ADD COLUMN comments TEXT;
ALTER TABLE batch ADD COLUMN signature TEXT NOT NULL DEFAULT '';
ALTER TABLE batch ADD COLUMN typed_by TEXT;
ALTER TABLE batch ADD COLUMN renote INTEGER NOT NULL DEFAULT 0;

CREATE TABLE not_counted (
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batch(id), row INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL, why TEXT NOT NULL
) STRICT;
CREATE INDEX not_counted_batch ON not_counted (batch, row)
"""


@migrations()
def evidence(db: Database) -> None:
    """Keep what a reading rests on: which column is owed and why, what is no line, and what speaks against one."""
    for statement in EVIDENCE.split(";"):
        db.execute(statement)
