/**
 * What the contract promises, row by row: the section's number, what must hold, and the rule of the threat model
 * that it shows (S…). A row with neither `waitsFor` nor `shownBy` has a test of its id here; `table.test.ts` sees to it.
 */
import { test, type TestContext } from 'vitest'

export interface Requirement {
  /** What must hold, in plain words; it is the test's name. */
  text: string
  /** The rule of the threat model. */
  rule?: string
  /** What must be built first. */
  waitsFor?: string
  /** The test elsewhere that shows it: in the runtime, where the clock or the keys must be ours, or one that kills it. */
  shownBy?: string
}

export const requirements = {
  // ── 1. The companion's socket ──────────────────────────────────────────────────────────────────
  '1.1': { text: 'tandem.v1 must be offered, and is echoed' },
  '1.2': { text: 'a key that is no uncompressed P-256 point, or key and device both or neither, is 400' },
  '1.3': { text: 'no Origin is 403 and no upgrade is 426, before the upgrade', rule: 'S11' },
  '1.4': { text: 'a foreign Origin is told so inside the socket and closed 4403', rule: 'S11' },
  '1.5': { text: 'too many sockets from one address are told so inside the socket and closed 4429', rule: 'S14' },
  '1.6': { text: 'the first qr comes unasked, with every field of the contract' },
  '1.7': { text: 'the token is 48 bytes: the object’s id, then 16 random bytes that never repeat', rule: 'S4' },
  '1.8': { text: 'the url is the service’s own, with the token in its fragment', rule: 'S16' },
  '1.9': { text: 'the code rotates after the real 20 s, on the same socket, for the same device' },
  '1.10': { text: 'the code just replaced stays scannable for the grace, and not longer', rule: 'S2' },
  '1.11': { text: 'after the last code of the budget comes idle, and then nothing' },
  '1.12': { text: 'wake brings a new budget of codes at once' },
  '1.13': { text: 'sleep stops rotation; the code on show stays good to its end' },
  '1.14': { text: 'a scan stops rotation and tells the screen, with one end for both sides', rule: 'S7' },
  '1.15': { text: 'the current and the replaced token lead to the same hold; a rescan gets no more time' },
  '1.16': { text: 'when the hold’s time is over both tokens are dead and a fresh qr follows', rule: 'S2' },
  '1.17': { text: 'a declined screen says so and shows a fresh qr; the old tokens are dead' },
  '1.18': { text: 'wake frees a held screen at once and the holder gets 410', rule: 'S33' },
  '1.19': { text: 'sleep while held changes nothing' },
  '1.20': { text: 'linked carries the device and the account, and the stream follows on the same socket' },
  '1.21': { text: 'another socket neither receives a link nor learns of it', rule: 'S5' },
  '1.22': { text: 'a proven resume of an unlinked companion ends it: tokens die, its socket closes, then 4401' },
  '1.23': { text: 'a companion whose socket has gone cannot be approved' },
  '1.24': { text: 'spell answers with a code to type; again it extends it, ten times' },
  '1.25': { text: 'spell while held is not_allowed' },
  '1.26': { text: 'a proven resume is answered resumed first, then every event after the cursor in order' },
  '1.27': { text: 'a proof over another nonce, host or device, or by another key, is 4401', rule: 'S17' },
  '1.28': { text: 'a recorded proof cannot be used on another socket', rule: 'S17' },
  '1.29': { text: 'no proof within 10 s is 4401', rule: 'S17' },
  '1.30': { text: 'anything but a proof is 4401', rule: 'S17' },
  '1.31': { text: 'an unknown or malformed device is 4401' },
  '1.32': { text: 'an ended device that proves its key learns the reason, then 4410', rule: 'S9' },
  '1.33': { text: 'only a proven socket replaces an older one, which closes 4409', rule: 'S31' },
  '1.34': { text: 'a cursor absent, malformed or in the future gets a snapshot' },
  '1.35': { text: 'a cursor more than 1,000 events or 1 MiB behind gets a snapshot' },
  '1.36': { text: 'a link whose socket was lost between approve and linked is recovered by the device' },
  '1.37': { text: 'with PUBLIC_ORIGIN its host or the request’s is accepted in a proof, and no other', rule: 'S17' },
  '1.38': {
    text: 'a link or unlinking cut short by a killed runtime, at any step, is there on both sides or on neither',
    shownBy: 'test/crash/linking.test.ts',
  },
  '1.39': { text: 'while a typed code is shown no code rotates; wake gives it up for a fresh qr' },
  '1.40': {
    text: 'a typed code is good for five minutes by the clock, then the page rests',
    shownBy: 'test/companion/spell.test.ts',
  },
  // ── 2. The stream ──────────────────────────────────────────────────────────────────────────────
  '2.1': { text: 'a snapshot holds cursor, account and the newest conversations' },
  '2.2': { text: 'start finds or makes one conversation a pair; an unknown number or account is not_found' },
  '2.3': { text: 'the sender of a message gets both its ok and its event, with every field of the contract' },
  '2.4': { text: 'the same id sent again is answered with the same message; elsewhere it is bad_request' },
  '2.5': { text: 'a message reaches every device of its author and of the receiver' },
  '2.6': { text: 'messages pipelined by one arrive at the other in the order sent, and cursors are dense' },
  '2.7': { text: 'two people writing at once: each account’s events are dense and in order on every device' },
  '2.8': { text: 'the peer’s marks tell sent, delivered and read, and never go back' },
  '2.9': { text: 'read is clamped, never goes back, and is told to every device of the reader' },
  '2.10': { text: 'unread is told, never to be counted' },
  '2.11': { text: 'typing reaches the peer, has no answer and is not logged' },
  '2.12': { text: 'history pages backwards, oldest first, and says whether there is more' },
  '2.13': { text: 'conversations are listed by page and by id' },
  '2.14': {
    text: 'search finds messages in any script, newest first, and reads nothing that is typed as a query language',
  },
  '2.15': { text: 'every answer carries its ref; a ref missing or longer than 64 characters is bad_request' },
  '2.16': { text: 'text is 1 to 16,384 bytes of UTF-8 without C0 controls but newline and tab', rule: 'S15' },
  '2.17': { text: 'a message needs text or media' },
  '2.18': { text: 'a frame that is not JSON, not an object or binary is bad_request, then 4400', rule: 'S24' },
  '2.19': { text: 'an unknown type or bad fields are bad_request with the ref, and the socket stays' },
  '2.20': { text: 'a request before linking is not_allowed, and the socket stays' },
  '2.21': { text: 'ping is answered pong, before linking, after it, and to the phone' },
  '2.22': { text: 'another account’s conversation, message or device is not_found', rule: 'S21' },
  '2.23': { text: 'a companion that unlinks itself gets ok, then unlinked, then 4410' },
  '2.24': { text: 'a companion can neither block nor give a token, and a phone cannot unlink itself', rule: 'S18' },
  '2.25': { text: 'the phone extends its socket with its own token and no other', rule: 'S6' },
  '2.26': { text: 'every link and unlink is told to the phone and every other device', rule: 'S10' },
  '2.27': { text: 'a changed profile is told to every device' },
  '2.28': { text: 'a conversation’s last text is cut to 256 characters' },
  '2.29': { text: 'delete removes for me or, by the author, for all, on every device and from search' },
  '2.30': { text: 'a reply names the message it answers' },
  '2.31': { text: 'upload and send of media, by the phone and by a linked browser', rule: 'S21' },
  '2.32': { text: 'no frame from the server exceeds 256 KiB; a list answers fewer, with more' },
  '2.33': { text: 'block keeps a peer’s messages, typing and profile out, and unblock lets what is new in' },
  '2.34': {
    text: 'a message answered ok survives a killed runtime, once and in order, on each device of both people',
    shownBy: 'test/crash/messages.test.ts',
  },
  '2.35': { text: 'a frame of a foreign type from a linked companion (wake, spell, prove) leaves the socket open' },
  '2.36': { text: '30 new peers an hour, then rate_limited with retryAfter', rule: 'S14' },
  '2.37': {
    text: 'after any drops, evictions, failed calls and odd alarms every device shows what was answered, once and in order',
    shownBy: 'test/model/promise.ts',
  },
  '2.40': {
    text: 'search pages on stably whatever is said meanwhile; a position that was not handed out is bad_request',
  },
  '2.41': { text: 'a contact’s new name is seen live on every device' },
  // ── 3. The code's picture ──────────────────────────────────────────────────────────────────────
  '3.1': { text: 'the picture is SVG of at most 4 KB, never stored, and may be shown anywhere' },
  '3.2': { text: 'the base64 form is the same picture as a data URL' },
  '3.3': { text: 'a decoder that is not ours reads exactly the url, dark on white with four modules of quiet zone' },
  '3.4': { text: 'anything but a well-formed token is 404' },
  '3.5': { text: 'top-level navigation is refused', rule: 'S12' },
  '3.6': { text: 'only this origin’s URL is drawn, whatever the request says', rule: 'S12' },
  // ── 4. The phone ───────────────────────────────────────────────────────────────────────────────
  '4.1': { text: 'a code is sent for any possible number, and refused for an impossible one' },
  '4.2': { text: 'number and code make a session; a wrong or used code is 401 code_invalid' },
  '4.3': { text: 'the same number is the same account' },
  '4.4': { text: 'a refresh token rotates; the old one works once more while its successor is unused', rule: 'S19' },
  '4.5': { text: 'any other reuse of a refresh token ends the session and closes its sockets', rule: 'S19' },
  '4.6': { text: 'signing out ends the refresh token' },
  '4.7': { text: 'an access token is at+jwt, lives 15 minutes and verifies against the published keys', rule: 'S19' },
  '4.8': { text: 'a forged, altered, unsigned or foreign token is 401 everywhere', rule: 'S6' },
  '4.9': { text: 'the account comes from the token and nothing else', rule: 'S6' },
  '4.10': { text: 'scan says which browser asks, from where and when; it links nothing', rule: 'S8' },
  '4.11': { text: 'approve links; repeated by the same phone, also at the same moment, it is one device', rule: 'S3' },
  '4.12': { text: 'decline is 204, repeated by the holder too' },
  '4.13': { text: 'every string that is no usable token gets one and the same 410; a missing one 400', rule: 'S7' },
  '4.14': { text: 'a held code is 409 for everybody else; approve or decline before a scan is 409', rule: 'S3' },
  '4.15': { text: 'of 50 phones that scan and approve at once exactly one wins', rule: 'S3' },
  '4.16': { text: 'the match is on the screen only; the right one links', rule: 'S13' },
  '4.17': { text: 'three wrong matches burn the code; a missing or malformed one is no strike', rule: 'S13' },
  '4.18': { text: 'CONFIRM=proximity wants the match only from afar', rule: 'S1' },
  '4.19': { text: 'too many devices is 409 and leaves the hold in place' },
  '4.20': { text: 'devices are listed with what their owner needs to know them', rule: 'S9' },
  '4.21': { text: 'a device can be renamed by its owner only', rule: 'S21' },
  '4.22': { text: 'unlinking closes the live socket within a second, and no event follows', rule: 'S9' },
  '4.23': { text: 'all devices can be unlinked at once', rule: 'S9' },
  '4.24': { text: 'the account is read and renamed' },
  '4.25': {
    text: 'deleting the account ends everything, and tokens issued before; peers are told, the number is free',
    rule: 'S32',
  },
  '4.26': { text: 'the account’s export is one archive of its profile, conversations and messages' },
  '4.27': { text: 'the phone’s socket: header or subprotocol, only tandem.v1 echoed, no Origin needed' },
  '4.28': {
    text: 'the phone’s socket refuses a foreign Origin with 403, a bad token with 401, before the upgrade',
    rule: 'S11',
  },
  '4.29': { text: 'a fifth phone socket closes the oldest with 4409' },
  '4.30': { text: 'the phone’s stream resumes at its cursor' },
  '4.31': { text: 'CORS for origins on the list and no other, without credentials', rule: 'S11' },
  '4.32': { text: 'every error is a problem of RFC 9457', rule: 'S7' },
  '4.33': { text: 'a body over 64 KiB is 413', rule: 'S15' },
  '4.34': { text: 'codes are limited to 5 an hour a number, with Retry-After', rule: 'S14' },
  '4.35': { text: 'five wrong tries end a code', rule: 'S14' },
  '4.36': { text: 'a typed code links, always with the match', rule: 'S13' },
  '4.37': { text: 'scans of one account are limited, with Retry-After', rule: 'S14' },
  '4.38': {
    text: 'our own token is 401 when expired, not yet valid, of another issuer, audience or kind',
    rule: 'S6',
    shownBy: 'test/http/access-token.test.ts',
  },
  '4.40': { text: 'the export holds the media, each file whole', shownBy: 'test/account/export.test.ts' },
  '4.41': { text: 'a renamed device is told to every device' },
  '4.42': { text: 'a string that is no usable typed code gets the same 410 as a token that is none', rule: 'S7' },
  '4.43': {
    text: 'five wrong typed codes are all that an account has in ten minutes; right ones do not count',
    rule: 'S13',
  },
  '4.44': { text: 'a typed code is held and ends like a token: decline, a third wrong match, its screen gone' },
  // ── 5. Media ───────────────────────────────────────────────────────────────────────────────────
  '5.1': { text: 'an upload is taken once, as announced, by its own address', rule: 'S22' },
  '5.2': { text: 'media is sent with type, ETag, nosniff and private caching to its expiry', rule: 'S22' },
  '5.3': { text: 'ranges are honoured, and an unsatisfiable one is 416' },
  '5.4': { text: 'a changed path, expiry, viewer or signature is 403', rule: 'S22' },
  '5.5': { text: 'URLs stay the same within the hour and live 1 to 2 hours' },
  '5.6': { text: 'media gives fresh URLs to who may see it, and not_found to others', rule: 'S21' },
  '5.7': {
    text: 'an upload is at most 16 MiB and a thumbnail 64 KiB; a body that says no length is counted',
    rule: 'S15',
  },
  '5.8': { text: 'SVG and HTML never run as pages, whatever they are called', rule: 'S22' },
  '5.9': { text: 'deleting for all removes the bytes and the thumbnail' },
  '5.10': { text: 'an uploaded picture is the avatar that everybody sees' },
  '5.11': { text: 'without a bucket uploads are not_allowed in words, and all else works' },
  '5.12': { text: 'what was uploaded is there after a killed runtime' },
  // ── 6. Close codes ─────────────────────────────────────────────────────────────────────────────
  '6.1': { text: 'a frame over 64 KiB of UTF-8 closes 4413 and the object lives on', rule: 'S15' },
  '6.2': { text: '30 minutes idle and unlinked close 4408', rule: 'S14', shownBy: 'test/companion/unlinked.test.ts' },
  '6.3': { text: 'a client’s close is answered at once with its own code' },
  '6.4': { text: 'after a restart of the service every browser comes back by its device' },
  '6.5': {
    text: '500 browsers dropped at once come back spread over time, each exactly where it was',
    shownBy: 'test/crash/storm.test.ts',
  },
  // ── 7. Around it ───────────────────────────────────────────────────────────────────────────────
  '7.1': { text: 'health answers ok' },
  '7.2': { text: 'the published keys hold public parts only' },
  '7.3': { text: 'openapi.json describes every route of the phone' },
  '7.4': { text: 'the default configuration says that sign-in is not set up, and never echoes a code' },
  '7.5': {
    text: 'any bytes on any socket and any body on any route: no 5xx, and the service still answers',
    rule: 'S24',
  },
  '7.6': { text: 'nothing that the service prints holds a token, JWT, number, code or text', rule: 'S16' },
} as const satisfies Record<string, Requirement>

export type RequirementId = keyof typeof requirements

type Body = (context: TestContext) => Promise<void>

/** Tests of one file run side by side: each makes its own people and browsers, and some wait for a clock. */
export function requirement(id: RequirementId, part: string, body: Body, timeout?: number): void
export function requirement(id: RequirementId, body: Body, timeout?: number): void
export function requirement(id: RequirementId, ...rest: (string | number | Body | undefined)[]): void {
  const part = typeof rest[0] === 'string' ? `: ${rest.shift() as string}` : ''
  const [body, timeout] = rest as [Body, number | undefined]
  // oxlint-disable-next-line vitest/expect-expect -- the assertions are in the body
  test.concurrent(`${id} ${requirements[id].text}${part}`, body, timeout)
}
