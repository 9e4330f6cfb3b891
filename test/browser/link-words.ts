/** The states of the link screen: how each comes about, and the words by which it is known. */
import { DECLINED, IDLE, LINKED, qr, scanned, SPELLED, type ScriptedCompanion } from './scripted.ts'

/** How a state comes about, and what must then be on the page. The order is a life of one page. */
export const STATES: [name: string, enter: (companion: ScriptedCompanion) => Promise<unknown>, seen: Seen][] = [
  [
    'ready',
    ({ say }) => say(qr(1)),
    {
      heading: 'Use Tandem on this computer',
      words: [
        'Point your phone’s camera at the code',
        'Open the link that appears',
        'Check the details and tap Approve',
        'Leave off on a shared computer',
        'A new code appears every 20 seconds',
        'Only link a screen you can see. Until you unlink it, it can read and send your messages.',
      ],
      buttons: ['Make the code larger', 'Can’t scan? Use a code instead'],
    },
  ],
  ['last code', ({ say }) => say(qr(5)), { words: ['This page will rest soon.'], buttons: ['Keep showing codes'] }],
  [
    'idle',
    ({ say }) => say(IDLE),
    {
      heading: 'Still there?',
      words: ['We stopped showing codes to keep your account safe.'],
      buttons: ['Show a new code'],
    },
  ],
  [
    'scanned',
    ({ say }) => say(qr(1), scanned()),
    {
      heading: 'Check your phone',
      words: ['A phone scanned this code. Approve it there to go on.'],
      buttons: ['Not you? Get a new code'],
    },
  ],
  [
    'match',
    ({ say }) => say(qr(1), scanned('47')),
    {
      heading: 'Type this number on your phone',
      words: ['47', 'Type the number and tap Approve'],
      buttons: ['Get a new code'],
    },
  ],
  [
    'declined',
    ({ say }) => say(DECLINED, qr(1)),
    { words: ['Declined on the phone', 'Nothing was linked. Here is a new code.'] },
  ],
  [
    'timeout',
    ({ say }) => say(scanned(null, 1_000), qr(1)),
    { words: ['That took too long', 'Nothing was linked. Scan the new code to try again.'] },
  ],
  ['burned', ({ say }) => say(scanned(), qr(1)), { words: ['That didn’t work'] }],
  [
    'typed',
    ({ say }) => say(SPELLED),
    {
      heading: 'Enter this code on your phone',
      words: ['K7PQ-2MWX', 'Good for 5 minutes.'],
      buttons: ['More time', 'Back to the QR code'],
    },
  ],
  [
    'limited',
    async ({ say, close }) => {
      await say({ type: 'error', code: 'rate_limited', message: '', retryAfter: 95 })
      await close(4429)
    },
    { heading: 'Too many tries from this network', words: [/^Try again in 1:3\d\.$/] },
  ],
]

/** Each ends the page's life. */
export const ENDS: typeof STATES = [
  [
    'lost',
    ({ close }) => close(1012),
    { heading: 'Connection lost', words: [/^Trying again in \d+ s\.$/], buttons: ['Try now'] },
  ],
  ['linked', ({ say }) => say(LINKED), { heading: 'Linked to Ada', words: ['Loading your chats…'] }],
  [
    'elsewhere',
    async ({ say, close }) => {
      await say(LINKED)
      await close(4409)
    },
    { heading: 'Tandem is open in another window', buttons: ['Use here'] },
  ],
  [
    'unlinked on the phone',
    ({ say }) => say({ type: 'unlinked', reason: 'phone' }),
    {
      heading: 'This browser was unlinked',
      words: ['It was removed on your phone. Messages stored here are deleted.'],
      buttons: ['Link again'],
    },
  ],
  [
    'signed out',
    ({ say }) => say({ type: 'unlinked', reason: 'companion' }),
    { heading: 'You signed out', words: ['Messages stored here are deleted.'], buttons: ['Link again'] },
  ],
  [
    'unlinked for rest',
    ({ say }) => say({ type: 'unlinked', reason: 'idle' }),
    { heading: 'Unlinked after a long time without use', buttons: ['Link again'] },
  ],
  [
    'account deleted',
    ({ say }) => say({ type: 'unlinked', reason: 'account' }),
    {
      heading: 'This account was deleted',
      words: ['Messages stored here are deleted.'],
      buttons: ['Link another account'],
    },
  ],
  [
    'foreign website',
    ({ close }) => close(4403),
    {
      heading: 'This website isn’t allowed to link yet',
      words: ['Its owner needs to add it to ALLOWED_ORIGINS.'],
    },
  ],
  ['fault', ({ close }) => close(4400), { heading: 'Something went wrong on our side', buttons: ['Reload'] }],
]

export interface Seen {
  heading?: string
  words?: (string | RegExp)[]
  buttons?: string[]
}
