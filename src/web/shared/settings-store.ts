/**
 * What the person has set for the pages in this browser. Only what differs from the default is stored; where nothing
 * may be stored it holds until the page is closed. `public/theme.js` reads the theme before the first paint.
 */

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export interface Settings {
  theme: Theme
  sound: 'on' | 'off'
  /** System notifications. */
  notify: 'on' | 'off'
  /** Whether they show what was written. */
  words: 'on' | 'off'
}

const DEFAULTS: Settings = { theme: 'system', sound: 'on', notify: 'off', words: 'on' }
const PREFIX = 'tandem.'

/** Of the choices that could not be stored. */
const memory = new Map<keyof Settings, string>()
const changes = new EventTarget()

export function setting<K extends keyof Settings>(name: K): Settings[K] {
  const value = memory.get(name) ?? stored(name)
  const known: readonly string[] = name === 'theme' ? THEMES : ['on', 'off']
  return value !== null && known.includes(value) ? (value as Settings[K]) : DEFAULTS[name]
}

export function changeSetting<K extends keyof Settings>(name: K, value: Settings[K]): void {
  try {
    if (value === DEFAULTS[name]) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, value)
    memory.delete(name)
  } catch {
    memory.set(name, value)
  }
  if (name === 'theme') showTheme()
  changes.dispatchEvent(new Event('change'))
}

/** Calls `listener` after every change, in another window of this browser too. */
export function onSettings(listener: () => void, signal: AbortSignal): void {
  changes.addEventListener('change', listener, { signal })
  const elsewhere = ({ key }: StorageEvent): void => {
    if (key !== null && !key.startsWith(PREFIX)) return
    showTheme()
    listener()
  }
  addEventListener('storage', elsewhere, { signal })
}

function showTheme(): void {
  const theme = setting('theme')
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

function stored(name: keyof Settings): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return null
  }
}
