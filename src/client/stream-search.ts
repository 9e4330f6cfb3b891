/** Searching: a verb of the stream that may take several requests. No state of its own. */
import type { OkFrame } from '../protocol/frames.ts'
import type { Message } from '../protocol/model.ts'
import type { RequestBody } from './requests.ts'

/** Pages of a search that are asked for before something was found; the service answers few where it looked through many. */
const SEARCH_PAGES = 20

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
