/** What a new account finds with `DEMO=on`: invented people and what they said in the last days. Data only. */

export interface DemoContact {
  name: string
  /** A picture of public/demo/index.json. */
  avatar: string
  /** How many of the newest messages, all theirs, are unread. */
  unread: number
  /** What it says when it is written to, in turn. Empty: it only reads. */
  answers: readonly string[]
  messages: readonly DemoMessage[]
}

/** `minutes` before the account was made; `mine`: written by the account's owner. */
export interface DemoMessage {
  minutes: number
  mine?: true
  text?: string
  photo?: string
}

const DAY = 24 * 60

export const DEMO_CONTACTS: readonly DemoContact[] = [
  {
    name: 'Robin',
    avatar: 'avatar-cat',
    unread: 2,
    answers: [
      'Got it, and the ticks on your message have turned. I live inside this demo and answer by myself.',
      'Every message you see here came over the socket that the code was for.',
      'Reload the page: it is back without another scan, because the key stayed in your browser.',
      'Try to send one from the phone page and watch this window.',
      'When you have seen enough, unlink the browser from the phone. It closes within a second.',
    ],
    messages: [
      { minutes: 12, text: 'Hi! I am a part of this demo, and I answer when you write to me.' },
      { minutes: 11, text: 'Write me something, from the phone or from the linked browser.' },
    ],
  },
  {
    name: 'Mara Lindqvist',
    avatar: 'avatar-peak',
    unread: 3,
    answers: [],
    messages: [
      { minutes: 3 * DAY + 200, text: 'Are we still on for the lake this weekend?' },
      { minutes: 3 * DAY + 188, mine: true, text: 'Yes. I will bring the small tent, can you take the stove?' },
      { minutes: 3 * DAY + 187, text: 'Sure.' },
      { minutes: DAY + 305, photo: 'lake', text: 'It looked like this on Friday' },
      { minutes: DAY + 290, mine: true, text: 'Not a single wave. Save me a place on the jetty.' },
      { minutes: 95, text: 'The train at 8:40 is cheaper than the one at 9:10' },
      { minutes: 94, text: 'Shall I book two seats?' },
      { minutes: 52, photo: 'coast', text: 'Or we go to the coast instead…' },
    ],
  },
  {
    name: 'Tomás Rey',
    avatar: 'avatar-mug',
    unread: 0,
    answers: [],
    messages: [
      { minutes: 5 * DAY + 40, text: 'Landed. The hotel is right in the middle of everything.' },
      { minutes: 5 * DAY + 30, photo: 'city', text: 'View from the ninth floor' },
      { minutes: 5 * DAY + 12, mine: true, text: 'Wow. Do you get any sleep with all those lights?' },
      { minutes: 5 * DAY + 10, text: 'There are curtains. I did not close them.' },
      { minutes: 2 * DAY + 75, text: 'Back on Thursday. Coffee on Friday?' },
      { minutes: 2 * DAY + 61, mine: true, text: 'Friday at ten, the usual corner.' },
    ],
  },
  {
    name: 'Ines Okafor',
    avatar: 'avatar-orange',
    unread: 1,
    answers: [],
    messages: [
      { minutes: 2 * DAY + 400, mine: true, text: 'How long does your dough rest before you shape it?' },
      { minutes: 2 * DAY + 371, text: 'Overnight in the fridge, at least twelve hours. Then it nearly shapes itself.' },
      { minutes: DAY + 90, mine: true, text: 'Twelve hours it was. I am a convert.' },
      { minutes: 170, photo: 'fruit', text: 'From the market this morning. The oranges are yours.' },
    ],
  },
  {
    name: 'Jun Sato',
    avatar: 'avatar-plant',
    unread: 0,
    answers: [],
    messages: [
      { minutes: 6 * DAY + 20, text: 'Do you have the photos from the trip somewhere?' },
      {
        minutes: 6 * DAY + 3,
        mine: true,
        photo: 'dunes',
        text: 'This is my favourite, the rest is on the shared drive',
      },
      { minutes: 6 * DAY + 1, text: 'The light! Thank you.' },
      { minutes: 4 * DAY + 500, text: 'I printed it. It hangs in the hall now.' },
      { minutes: 4 * DAY + 480, mine: true, text: 'Then I have to come and see it.' },
    ],
  },
]
