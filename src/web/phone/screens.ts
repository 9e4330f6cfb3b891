/** The page's screens and their entries in the history: home at the bottom, at most one screen above it. */

export type Screen =
  | { screen: 'home' }
  /** `notice`: why the person is here again. `entering`: to enter a code, not to scan one. */
  | { screen: 'scan'; notice?: string; entering?: boolean }
  | { screen: 'confirm' }
  | { screen: 'devices' }
  | { screen: 'profile' }
  | { screen: 'chat'; conversation: string }

export const HOME: Screen = { screen: 'home' }

/** Writes `next` to the history. A screen beside the present one takes its place, so that Back leads home from any. */
export function writeScreen(next: Screen, present: Screen): void {
  // Neither a token nor a notice is kept in the history.
  const { screen } = next
  const state = screen === 'chat' ? { screen, conversation: next.conversation } : { screen }
  if (present.screen === 'home' && screen !== 'home') history.pushState(state, '')
  else history.replaceState(state, '')
}

/** The screen of a history entry. A camera or a question is not opened by going forward: home instead. */
export function readScreen(state: unknown): Screen {
  const { screen, conversation } = (state ?? {}) as { screen?: unknown; conversation?: unknown }
  if (screen === 'chat' && typeof conversation === 'string') return { screen, conversation }
  return screen === 'devices' || screen === 'profile' ? { screen } : HOME
}
