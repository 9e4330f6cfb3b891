// The chats on the computer: the demo's, from the real service, changed on their way where a state asks for it.
import { field, open, openSettings, write } from './places.mjs'

const LONG_NAME = 'Maximiliane-Josephine Freifrau von Hohenlohe-Waldenburg-Schilling'
const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'

/** A rewriting of each conversation in snapshots. */
function each(by) {
  return {
    in: (frame) => (frame.type === 'snapshot' ? { ...frame, conversations: frame.conversations.map(by) } : frame),
  }
}

function isAnswer({ type, event }) {
  return type === 'event' && event.kind === 'message' && event.message.from !== 'me'
}

function keepTyping(frame) {
  return frame.type === 'typing' ? { ...frame, on: true } : frame
}

/** Its wait between two tries is as long as it can be, so that there is time for a picture. */
const PATIENT = { before: (page) => page.addInitScript(() => (Math.random = () => 0.99)) }

const search = async (stage, words) => {
  const page = await stage.linked()
  await page.getByRole('searchbox').first().fill(words)
  return page
}

export const chats = {
  list: (stage) => stage.linked(),
  thread: async (stage) => open(await stage.linked(), 'Mara Lindqvist'),
  photos: async (stage) => open(await stage.linked(), 'Tomás Rey'),
  empty: async (stage) => {
    const page = await stage.linked({
      rewrite: { in: (frame) => (frame.type === 'snapshot' ? { ...frame, conversations: [] } : frame) },
    })
    await page.getByText('No chats yet').waitFor()
    return page
  },
  'long-names': async (stage) => {
    const rewrite = each((chat) => ({
      ...chat,
      title: LONG_NAME,
      last: chat.last && { ...chat.last, text: `${LONG_WORD} ${LONG_WORD}` },
    }))
    const page = await stage.linked({ rewrite })
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().click()
    await page.getByRole('textbox', { name: 'Write a message' }).waitFor()
    await write(page, `${LONG_WORD} https://tandem.example/${LONG_WORD}/${LONG_WORD}`)
    await page.getByRole('button', { name: 'That’s me, send' }).click()
    await page
      .getByRole('list', { name: /^Messages with/ })
      .getByText(LONG_WORD)
      .first()
      .waitFor()
    return page
  },
  'huge-counts': (stage) => stage.linked({ rewrite: each((chat, at) => ({ ...chat, unread: 10 ** (at + 1) - 1 })) }),
  first: async (stage) => {
    const page = await write(await open(await stage.linked(), 'Robin'), 'Hello')
    await page.getByRole('dialog').waitFor()
    return page
  },
  sent: async (stage) => {
    const page = await write(await open(await stage.linked(), 'Robin'), 'Hello from the computer')
    await page.getByRole('button', { name: 'That’s me, send' }).click()
    await page.getByText('Got it, and the ticks').first().waitFor()
    return page
  },
  typing: async (stage) => {
    // Its answer would end the typing: in its place it goes on typing.
    const rewrite = {
      in: (frame) =>
        isAnswer(frame)
          ? { type: 'typing', conversation: frame.event.message.conversation, on: true }
          : keepTyping(frame),
    }
    const page = await write(await open(await stage.linked({ rewrite }), 'Robin'), 'Are you there?')
    await page.getByRole('button', { name: 'That’s me, send' }).click()
    await page.getByText('typing…').first().waitFor()
    return page
  },
  failed: async (stage) => {
    const rewrite = {
      out: (frame) =>
        frame.type === 'send' ? { type: 'error', ref: frame.ref, code: 'bad_request', message: '' } : null,
    }
    const page = await write(await open(await stage.linked({ rewrite }), 'Robin'), 'This one does not get through')
    await page.getByRole('button', { name: 'That’s me, send' }).click()
    await page.getByText('Not sent').first().waitFor()
    return page
  },
  'search-chats': async (stage) => {
    const page = await search(stage, 'in')
    await page.getByRole('list', { name: 'Chats found' }).getByRole('button').first().waitFor()
    await page.getByRole('list', { name: 'Messages found' }).getByRole('button').first().waitFor()
    return page
  },
  search: async (stage) => {
    const page = await search(stage, 'the')
    await page.getByRole('list', { name: 'Messages found' }).getByRole('button').first().waitFor()
    return page
  },
  'search-none': async (stage) => {
    const page = await search(stage, 'zeppelin')
    await page.getByText('Nothing found for').waitFor()
    return page
  },
  offline: async (stage) => {
    const page = await open(await stage.linked(), 'Ines Okafor')
    await page.context().setOffline(true)
    await page.getByText('You’re offline').first().waitFor()
    return page
  },
  blocked: async (stage) => {
    const page = await stage.linked({ rewrite: each((chat) => ({ ...chat, peer: { ...chat.peer, blocked: true } })) })
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().click()
    await page.getByText('You blocked this person').waitFor()
    return page
  },
  gone: async (stage) => {
    const page = await stage.linked({ rewrite: each((chat) => ({ ...chat, peer: { ...chat.peer, gone: true } })) })
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().click()
    await page.getByText('This account was deleted').waitFor()
    return page
  },
  'new-chat': async (stage) => {
    const page = await stage.linked()
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByRole('dialog', { name: 'New chat' }).waitFor()
    return page
  },
  'new-chat-unknown': async (stage) => {
    const page = await stage.linked()
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('+41 44 668 18 00')
    await page.getByRole('button', { name: 'Start chat' }).click()
    await page.getByText('Nobody with this number').waitFor()
    return page
  },
  'sign-out': async (stage) => {
    const page = await openSettings(await stage.linked())
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('dialog', { name: 'Sign out of this browser?' }).waitFor()
    return page
  },
  settings: async (stage) => openSettings(await stage.linked({ permissions: ['notifications'] })),
  'settings-refused': async (stage) => {
    const page = await openSettings(await stage.linked())
    await page.getByRole('switch', { name: 'Notify me on this computer' }).click()
    await page.getByText('Notifications are switched off').waitFor()
    return page
  },
  'new-device': async (stage) => {
    const device = { id: 'C'.repeat(43), name: 'Firefox on Windows', linkedAt: Date.now() }
    const event = { kind: 'device', linked: true, device }
    const rewrite = {
      after: (frame) => (frame.type === 'snapshot' ? { type: 'event', cursor: frame.cursor + 1, event } : null),
    }
    const page = await stage.linked({ rewrite })
    await page.getByRole('complementary', { name: 'New device linked' }).waitFor()
    return page
  },
  draft: async (stage) => {
    const page = await open(await stage.linked(), 'Jun Sato')
    await field(page).fill('Half a thought that I will finish when I am back at my desk')
    await open(page, 'Tomás Rey')
    await page.getByText('Draft:').waitFor()
    return page
  },
  lost: async (stage) => {
    const page = await stage.linked({ ...PATIENT, rewrite: {} })
    await stage.cut(page)
    await page.getByText('Connection lost').first().waitFor()
    return page
  },
  restored: async (stage) => {
    const page = await open(await stage.linked({ ...PATIENT, rewrite: {} }), 'Mara Lindqvist')
    await page.locator('.message').first().waitFor()
    await stage.cut(page)
    await page.reload()
    await open(page, 'Mara Lindqvist')
    await page
      .getByText(/Connection lost|Connecting/)
      .first()
      .waitFor()
    return page
  },
  focus: async (stage) => {
    const page = await stage.linked()
    await page.getByRole('searchbox').focus()
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key)
    return page
  },
}
