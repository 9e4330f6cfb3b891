/**
 * Every number of the service, with its unit in its name and its reason beside it.
 * What an operator may change is in `config.ts`; what is here is part of the contract or of its safety.
 */

// ── The code and its hold ────────────────────────────────────────────────────────────────────────
/** 32 bytes of the companion's object id, then 16 random bytes: 128 bits from the CSPRNG (S4). */
export const TOKEN_ID_BYTES = 32
export const TOKEN_SECRET_BYTES = 16
/** Three wrong number matches burn the code (S13). */
export const MATCH_TRIES = 3
/** A code to type: forty bits, and what makes a token of 128 out of them. */
export const TYPED_CODE_BYTES = 5
export const TYPED_SALT_BYTES = 32
/** How long a typed code is good, and how often it is given as much again (WCAG 2.2, success criterion 2.2.1). */
export const SPELL_MS = 5 * 60_000
export const SPELL_EXTENSIONS = 10
/** Codes that a screen may draw in a window: each is an object of its own. */
export const SPELLS = 10
export const SPELLS_MS = 10 * 60_000
/** What a page says after a `spell` waits for its answer, so a claim that takes longer is given up. */
export const CLAIM_MS = 2_000
/** Draws until a code that nobody else shows is taken for impossible. */
export const SPELL_DRAWS = 4
/** Wrong typed codes of an account in a window (S13): one chance in 10^11 for each code on show. */
export const TYPED_TRIES = 5
export const TYPED_TRIES_MS = 10 * 60_000
/** An unlinked, idle socket ends after this long (close 4408, S14). */
export const IDLE_END_MS = 30 * 60_000
/** Frames an unlinked socket may send in a window before it is closed 4429: wake, sleep and spell are all it has to say. */
export const LINK_FRAMES = 120
export const LINK_FRAMES_MS = 10_000
/** First wait before an unanswered `addDevice` is repeated by the alarm; doubles up to the maximum. */
export const LINKING_RETRY_MS = 2_000
export const LINKING_RETRY_MAX_MS = 60_000

// ── Resume ───────────────────────────────────────────────────────────────────────────────────────
/** A socket that has not proven its key within this time is closed 4401. */
export const PROVE_MS = 10_000
/** Random bytes of a resume nonce. */
export const NONCE_BYTES = 32
/** Unproven sockets an object holds at once; one more closes the oldest of them. */
export const PROVING_SOCKETS = 8
/** An ended device is remembered, so that a late call cannot make it again and it learns its reason. */
export const ENDED_DEVICE_KEPT_MS = 90 * 86_400_000

// ── Frames and bodies (S15) ──────────────────────────────────────────────────────────────────────
export const CLIENT_FRAME_BYTES = 64 * 1024
export const SERVER_FRAME_BYTES = 256 * 1024
export const BODY_BYTES = 64 * 1024
export const TEXT_BYTES = 16_384
/** `last.text` of a conversation is cut to this many characters (UTF-16 units, never inside a pair). */
export const PREVIEW_CHARACTERS = 256
export const REF_CHARACTERS = 64
export const NAME_CHARACTERS = 64
export const MEDIA_BYTES = 16 * 1024 * 1024
export const THUMB_BYTES = 64 * 1024
/** Of the picture that an account shows of itself. */
export const AVATAR_BYTES = 1024 * 1024
export const FILE_NAME_CHARACTERS = 255
/** Frames of one socket that wait while a request is under way; more than that answers `rate_limited`. */
export const QUEUED_FRAMES = 256

// ── The stream ───────────────────────────────────────────────────────────────────────────────────
/** A client further behind than this gets a snapshot instead of events. */
export const CATCH_UP_EVENTS = 1_000
export const CATCH_UP_BYTES = 1024 * 1024
/** Conversations in a snapshot or a page; fewer when the frame would grow too large. */
export const CONVERSATIONS_PAGE = 50
export const HISTORY_PAGE = 100
export const HISTORY_DEFAULT = 50
export const SEARCH_PAGE = 50
/** Messages that one search looks through before it answers what it has and where to go on. */
export const SEARCH_LOOKS = 5_000
/** Cursors whose messages of one conversation are one row of the search index. To change it takes a migration. */
export const SEARCH_BLOCK = 100
/** Of a word in the index (code points), and of one search in the index; the rest is compared with the message itself. */
export const SEARCH_TERM_CHARACTERS = 32
export const SEARCH_TERMS = 32
/** Messages, and bytes of their text, that one step of a back-fill puts into the index. */
export const SEARCH_FILL_MESSAGES = 2_000
export const SEARCH_FILL_BYTES = 1024 * 1024
/** Between two steps: the owner's requests come first. */
export const SEARCH_FILL_EVERY_MS = 1_000
/** Cursors within which the newest activity of a conversation may move without a write to the list's index. To change it takes a migration. */
export const ACTIVITY_ERA = 16
/** Typing is sent at most this often by a client and dropped by a receiver after the second. */
export const TYPING_EVERY_MS = 3_000
export const TYPING_SHOWN_MS = 6_000
/** Repeated sooner than this, it is not passed on. */
export const TYPING_LEAST_MS = 1_000
export const HEARTBEAT_MS = 25_000
export const HEARTBEAT_LATE_MS = 10_000

// ── Clients (section 6) ──────────────────────────────────────────────────────────────────────────
/** A lost socket is dialled again after a random time within this window, which doubles up to the maximum. */
export const RETRY_WINDOW_MS = 8_000
export const RETRY_WINDOW_MAX_MS = 30_000
/** A socket that stayed open for this long ends a row of failures: the window starts small again. */
export const SOCKET_SETTLED_MS = 10_000
/** A dial that neither opened nor failed by now is given up. */
export const DIAL_MS = 15_000
/** The wait after 4429 when the server named none. */
export const RATE_LIMITED_WAIT_MS = 60_000
/** A browser whose last `qr` or `scanned` is younger than this first tries to resume (section 1). */
export const RESUME_WITHIN_MS = 160_000
/** A request without an answer is given up after this long; a `send` is sent again instead. */
export const REQUEST_TIMEOUT_MS = 20_000
export const SEND_AGAIN_MS = 15_000
/** A `send` that is answered `internal` this often in a row counts as failed. */
export const SEND_TRIES = 3
export const SEND_RETRY_MS = 2_000

// ── Accounts ─────────────────────────────────────────────────────────────────────────────────────
export const PHONE_SOCKETS = 4
/** A commit that makes events arms the alarm at most this far ahead, which pushes the head again. */
export const PUSH_AGAIN_MS = 10_000
/** Deliveries to one peer in one call. */
export const DELIVERY_BATCH = 100
export const DELIVERY_RETRY_MS = 1_000
export const DELIVERY_RETRY_MAX_MS = 5 * 60_000
/** After this long an unreachable peer's deliveries are given up. */
export const DELIVERY_KEPT_MS = 30 * 86_400_000
/** New peers an account may start with in an hour (S14). */
export const NEW_PEERS_AN_HOUR = 30
export const SCANS_A_MINUTE = 20
/** Objects removed from R2 in one step of an account's deletion; a call takes a thousand keys. */
export const ERASED_AT_ONCE = 500
/** Profile changes are told to peers at most this often. */
export const PROFILE_EVERY_MS = 60_000
/** Random bytes of ids that an account makes for itself (conversations, media, sessions), and of a refresh token. */
export const CONVERSATION_ID_BYTES = 16
export const MEDIA_ID_BYTES = 16
export const SESSION_ID_BYTES = 16
export const REFRESH_SECRET_BYTES = 32
/** A companion that was linked or reconnected this recently may still be busy with it when a push finds no socket. */
export const CONNECTING_MS = 5_000
/** A contact of the demo reads, and answers, this long after a message. */
export const DEMO_READS_MS = 800
export const DEMO_ANSWERS_MS = 1_800

// ── Export ───────────────────────────────────────────────────────────────────────────────────────
/** Items in a page that the account hands out, and bytes of text after which a page of messages ends. */
export const EXPORT_PAGE = 500
export const EXPORT_PAGE_BYTES = 256 * 1024
/** What a ZIP archive without its 64-bit fields can hold (APPNOTE 4.4.1.4), with room for the directory. */
export const EXPORT_BYTES = 4_000_000_000
export const EXPORT_FILES = 65_000
/** Archives that an account may begin in an hour: each reads all that there is. */
export const EXPORTS_AN_HOUR = 10

// ── Identity ─────────────────────────────────────────────────────────────────────────────────────
export const ACCESS_TOKEN_MS = 15 * 60_000
/** The old refresh token works once more within this time while its successor is unused (S19). */
export const REFRESH_REUSE_MS = 60_000
/** A session that is not refreshed for this long is signed out. */
export const SESSION_IDLE_MS = 180 * 86_400_000
export const CODE_DIGITS = 6
export const CODE_MS = 10 * 60_000
export const CODE_TRIES = 5
/** One-time codes an hour for a number, and for an address (S14). */
export const CODES_AN_HOUR_NUMBER = 5
export const CODES_AN_HOUR_ADDRESS = 20
/** An operator's key is a secret that opens every account's links. */
export const OPERATOR_KEY_CHARACTERS = 32
/** Wrong operator's keys of one address (S14): no more are looked at then, right or wrong. */
export const OPERATOR_TRIES_AN_HOUR = 20
export const HOUR_MS = 60 * 60_000
/** What a client is told to wait before it asks for another code. */
export const CODE_RESEND_SECONDS = 30
/** A number unused for this long is taken to be recycled and never opens its predecessor's chats. */
export const NUMBER_LAPSES_MS = 365 * 86_400_000
/** How long one signing key signs, and how long its public half is still published afterwards. */
export const KEY_SIGNS_MS = 30 * 86_400_000
export const KEY_PUBLISHED_MS = 45 * 86_400_000
/** Isolates hold keys for less time than two keys overlap. */
export const KEY_CACHE_MS = 10 * 60_000
/** A new key is published for this long before it signs, so that no isolate meets a token whose key it does not hold. */
export const KEY_SETTLES_MS = 2 * KEY_CACHE_MS
/** How long one request waits for another's call to the Keyring before it makes its own. */
export const KEY_FLIGHT_MS = 2_000
/** An outside issuer's discovery document: how long to wait for it, and how long it is kept. */
export const ISSUER_DISCOVERY_MS = 5_000
export const ISSUER_DISCOVERY_KEPT_MS = 60 * 60_000
/** Of outside issuers too, whose tokens may carry many claims. */
export const ACCESS_TOKEN_CHARACTERS = 8192
/** A wire id: 32 bytes as base64url. A refresh token begins with its account's, which routes it. */
export const ACCOUNT_ID_CHARACTERS = 43
export const CODE_WEBHOOK_MS = 5_000

// ── Media ────────────────────────────────────────────────────────────────────────────────────────
/** A URL's expiry is rounded up to the hour and is at least one away, so that URLs stay stable for 1–2 h. */
export const MEDIA_URL_MS = 60 * 60_000
/** How long the address of an upload takes its PUT: 16 MiB at 40 kbit/s. */
export const UPLOAD_URL_MS = 60 * 60_000
/** An upload that nothing shows for this long (never sent, or an avatar that was replaced) is removed. */
export const UPLOAD_KEPT_MS = 86_400_000
/** Uploads that an account may announce in an hour; a picture with its thumbnail is two. */
export const UPLOADS_AN_HOUR = 1_000
/** Objects removed from R2 in one call, which takes a thousand keys. */
export const REMOVED_AT_ONCE = 500
/** What a sending page makes of a picture: the longer side, in pixels. */
export const THUMB_PIXELS = 320
/** A PUT that was cut off, or refused by a fault, is tried again this often; the wait doubles. */
export const PUT_TRIES = 5
export const PUT_RETRY_MS = 1_000
/** How far the sum of clocks may be apart when a time in a signed thing is judged. */
export const CLOCK_LEEWAY_MS = 5_000
/** "near": the same country and at most this far apart (S1). */
export const NEAR_KILOMETRES = 100

// ── HTTP ─────────────────────────────────────────────────────────────────────────────────────────
/** The period of the rate-limit bindings in wrangler.toml. */
export const RATE_PERIOD_SECONDS = 60
/** How long a browser keeps the answer to a preflight; Chromium caps it at two hours. */
export const PREFLIGHT_SECONDS = 7200
