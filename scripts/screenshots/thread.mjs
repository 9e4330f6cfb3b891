// A chat that is read: its days, groups and marks, answers, what is unread, and what stands where there is nothing.
import { conversation } from './conversation.mjs'
import { open, openMenu } from './places.mjs'

const MARA = 'Mara Lindqvist'
const DAY = 24 * 60

/** Groups, ticks of every kind, an answer, what was deleted, the direction of another script, emoji alone. */
const TALK = [
  { minutes: 2 * DAY + 60, text: 'Are we still on for the lake this weekend?' },
  { minutes: 2 * DAY + 59, text: 'I can be there by nine if the early train is not full again.' },
  { minutes: 2 * DAY + 20, mine: true, text: 'Yes. I will bring the small tent, can you take the stove?' },
  { minutes: 2 * DAY + 19, mine: true, text: 'And the blue pot' },
  { minutes: DAY + 9, deleted: true },
  { minutes: DAY + 8, text: 'Sure.', reply: 2 },
  { minutes: DAY + 7, text: 'סבבה, נתראה ליד הסירות ⛵' },
  {
    minutes: DAY + 6,
    text: 'אני מביאה את המפה הישנה של סבא, את הפנס הגדול ושתי שמיכות. אם ירד גשם ניסע ברכבת של עשר (platform 4) ונאכל בדרך.',
  },
  { minutes: DAY + 5, mine: true, text: 'מעולה' },
  { minutes: DAY + 4, mine: true, text: 'The map is at https://maps.example.org/lakes/upper?zoom=14#north-shore' },
  { minutes: 40, mine: true, text: 'Packing now', reply: 1 },
  { minutes: 39, text: '👍🏽😀' },
  {
    minutes: 30,
    text: 'Two things before you leave:\n– the key hangs behind the door\n– the neighbour feeds the cat, so close the kitchen window, please. It rained in last time and the floor was wet for days.',
  },
  { minutes: 12, mine: true, text: 'Done' },
  { minutes: 11, mine: true, text: 'Leaving in ten minutes. If the bus does not come, I walk down and take the tram.' },
]
const WORDS = 'we took the small boat out past the island and came back before noon with wet shoes'.split(' ')
/** Long enough to scroll. */
const LONG = Array.from({ length: 60 }, (_, index) => ({
  minutes: (60 - index) * 97,
  mine: index % 5 > 2,
  text: Array.from({ length: 3 + ((index * 7) % 12) }, (__, at) => WORDS[(index + at * 3) % WORDS.length]).join(' '),
}))

function reading(written, options) {
  return async (stage, more) =>
    open(await stage.linked({ rewrite: conversation(MARA, written, options), ...more }), MARA)
}

async function seen(page) {
  await page.locator('.message').first().waitFor()
  return page
}

async function scrolledUp(page) {
  await seen(page)
  await page.locator('.messages').evaluate((list) => list.scrollTo(0, list.scrollHeight))
  await page.locator('.messages').hover()
  await page.mouse.wheel(0, -900)
  await page.locator('.down').waitFor()
  return page
}

function menuOf(words) {
  return async (stage) => {
    const page = await seen(await reading(TALK)(stage))
    stage.resized = () => openMenu(page, words)
    return page
  }
}

export const thread = {
  talk: async (stage) => seen(await reading(TALK, { readBy: 14 })(stage)),
  unread: async (stage) => {
    const page = await reading(LONG, { unread: 14 })(stage)
    await page.locator('.unread-line').waitFor()
    return page
  },
  down: async (stage) => scrolledUp(await reading(LONG, { unread: 3 })(stage)),
  'down-read': async (stage) => scrolledUp(await reading(LONG)(stage)),
  'focus-message': async (stage) => {
    const page = await seen(await reading(TALK)(stage))
    await page.locator('.messages').focus()
    for (const key of ['End', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(key)
    return page
  },
  menu: menuOf('Two things before'),
  'menu-own': menuOf('Leaving in ten'),
  delete: async (stage) => {
    const page = await openMenu(await reading(TALK)(stage), 'Leaving in ten')
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').waitFor()
    return page
  },
  loading: async (stage) => {
    const page = await reading(TALK, { hold: true })(stage)
    await page.getByText('Loading messages').waitFor()
    return page
  },
  none: async (stage) => {
    const page = await reading([])(stage)
    await page.getByText('Write the first message.').waitFor()
    return page
  },
}
