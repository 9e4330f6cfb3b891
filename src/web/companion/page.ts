/** Draws the companion's page: the link screen until there are chats to show, then the chats, and back. */
import { loadWords } from '../strings/language.ts'
import { chatsWords, commonWords, linkWords } from '../strings/parts.ts'
import type { CompanionChats } from './companion-chats.ts'
import { LinkScreen } from './link-screen.ts'
import type { Session } from './session.ts'
import { loadStyle } from './style.ts'

const CHATS_STYLES = ['/css/compose.css', '/css/chat.css', '/css/thread.css']

/** Takes the place of what stands in the document until then. */
export async function drawPage(session: Session): Promise<void> {
  // Without them the page is English, which is better than empty.
  await loadWords(commonWords, linkWords).catch(() => undefined)
  const screen = new LinkScreen()
  let chats: CompanionChats | null = null
  let loading: ReturnType<typeof loadChats> | null = null

  screen.session = session
  screen.onAgain = () => {
    screen.failed = false
    session.client?.again()
    draw()
  }
  session.subscribe(draw)
  draw()
  document.querySelector('#starting')?.remove()
  document.body.append(screen)

  function draw(): void {
    const { client } = session
    screen.requestUpdate()
    if (client === null) return
    const { state, stream } = client
    if (state.view.name !== 'linked') {
      if (chats !== null) leaveChats()
      // While a person reads and approves there is time to fetch what comes next.
      if (state.view.name === 'scanned' || state.linked) void fetchChats()
    } else if (chats !== null) {
      chats.state = state
      chats.offline = session.offline
    } else if (stream.state.account === null) void fetchChats()
    else void showChats()
  }

  async function showChats(): Promise<void> {
    const script = await fetchChats()
    if (script === null) {
      screen.failed = true
      return
    }
    // The world may have moved on while the script was loading.
    const { client } = session
    if (chats !== null || client?.state.view.name !== 'linked' || client.stream.state.account === null) return
    chats = new script.CompanionChats()
    chats.client = client
    chats.keeper = session.kept.keeper
    chats.state = client.state
    chats.offline = session.offline
    screen.replaceWith(chats)
  }

  function leaveChats(): void {
    chats?.replaceWith(screen)
    chats = null
    for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  }

  /** One fetch at a time; one that failed is made anew when it is asked for next. */
  function fetchChats(): Promise<typeof import('./companion-chats.ts') | null> {
    loading ??= loadChats()
    return loading.catch(() => (loading = null))
  }
}

/** For what was left unsent on an earlier visit. */
export function loadFiles(): Promise<typeof import('../shared/saved-files.ts')> {
  return import('../shared/saved-files.ts')
}

async function loadChats(): Promise<typeof import('./companion-chats.ts')> {
  const [script] = await Promise.all([
    import('./companion-chats.ts'),
    loadWords(chatsWords),
    ...CHATS_STYLES.map(loadStyle),
  ])
  return script
}
