/** WebSocket close codes of the contract (section 6) and what a client does about each. */
export const CLOSE = {
  badFrame: 4400,
  notLinked: 4401,
  originNotAllowed: 4403,
  idleEnded: 4408,
  replaced: 4409,
  unlinked: 4410,
  frameTooLarge: 4413,
  rateLimited: 4429,
  /** RFC 6455 section 7.4.1: the service failed; try again. */
  internal: 1011,
} as const

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE]

/** What a client does when its socket was closed with `code`. */
export type CloseReaction = 'stop' | 'start-anew' | 'unlinked' | 'when-looked-at' | 'until-asked' | 'wait' | 'retry'

/** Section 6 as a function; any code that it does not name is retried. */
export function reactionTo(code: number): CloseReaction {
  switch (code) {
    case CLOSE.badFrame:
    case CLOSE.originNotAllowed:
    case CLOSE.frameTooLarge:
    case 1009:
    case 1002:
      return 'stop'
    case CLOSE.notLinked:
      return 'start-anew'
    case CLOSE.unlinked:
      return 'unlinked'
    case CLOSE.idleEnded:
      return 'when-looked-at'
    case CLOSE.replaced:
      return 'until-asked'
    case CLOSE.rateLimited:
      return 'wait'
    default:
      return 'retry'
  }
}
