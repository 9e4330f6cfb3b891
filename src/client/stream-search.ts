/** Searching and going to what was found: verbs of the stream that take several requests. No state of their own. */
import type { OkFrame } from '../protocol/frames.ts'
import type { Message } from '../protocol/model.ts'
import type { RequestBody } from './requests.ts'

/** Pages of a search that are asked for before something was found; the service answers few where it looked through many. */
const SEARCH_PAGES = 20
/** Pages of history that are loaded to reach a message. */
const REVEAL_PAGES = 200

export interface SearchPage {
  /** Newest first. */
  messages: Message[]
  /** Give it as `after`; null at the end. */
  more: string | null
}

/** The next page of a search that holds anything. @throws {RequestError} */
export async function searchFrom(
  request: (body: RequestBody) => Promise<OkFrame>,
  text: string,
  after: string | null,
): Promise<SearchPage> {
  let position = after
  for (let pages = 1; ; pages++) {
    const answer = await request({ type: 'search', text, ...(position === null ? {} : { after: position }) })
    const messages = answer.messages ?? []
    const more = typeof answer.more === 'string' ? answer.more : null
    if (messages.length > 0 || more === null || pages === SEARCH_PAGES) return { messages, more }
    position = more
  }
}

/** Loads older messages until `isThere`. @returns whether it came to be */
export async function loadUntil(isThere: () => boolean, load: () => Promise<boolean>): Promise<boolean> {
  for (let pages = 0; pages < REVEAL_PAGES && !isThere(); pages++) {
    if (!(await load())) break
  }
  return isThere()
}
