/**
 * What the two framed pages show, read from their own elements: they are of this origin. Nothing is done to them here
 * that a person could not do.
 */
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CompanionView } from '../../client/companion-state.ts'
import type { CompanionChats } from '../companion/companion-chats.ts'
import type { LinkScreen } from '../companion/link-screen.ts'
import type { PhoneApp } from '../phone/app.ts'

const CODE = 'img[src*="/v1/code/"]'

/** What the computer shows; null while its page loads. */
export interface Computer {
  view: CompanionView['name']
  client: CompanionClient
}

export function readComputer(frame: HTMLIFrameElement): Computer | null {
  const screen = frame.contentDocument?.querySelector<LinkScreen | CompanionChats>('link-screen, companion-chats')
  if (screen?.client == null || screen.state === null) return null
  return { view: screen.state.view.name, client: screen.client }
}

/** The picture of the code, once it is on the computer's screen. */
export function codeOn(frame: HTMLIFrameElement): HTMLImageElement | null {
  const picture = frame.contentDocument?.querySelector<HTMLImageElement>(CODE)
  return picture?.complete === true && picture.naturalWidth > 0 ? picture : null
}

/** What the phone shows. */
export interface Phone {
  signedIn: boolean
  /** It asks about a browser. */
  asks: boolean
  /** It says that the browser is linked, and waits for a press. */
  says: boolean
}

/** Null while its page loads. */
export function readPhone(frame: HTMLIFrameElement): Phone | null {
  const app = frame.contentDocument?.querySelector<PhoneApp>('phone-app')
  if (app == null) return null
  const linking = app.screen.screen === 'confirm' ? app.linking.state.step : null
  return { signedIn: app.session !== null, asks: linking === 'confirm', says: linking === 'done' }
}

/** Calls `onWrite` for each message of the visitor's own, from whichever side. @returns ends it */
export function watchWriting({ client }: Computer, onWrite: () => void): () => void {
  return client.stream.observe((frame) => {
    if (frame.type === 'event' && frame.event.kind === 'message' && frame.event.message.from === 'me') onWrite()
  })
}

/** Calls `onChange` whenever the framed page has changed, also after it was replaced by another, until `ends`. */
export function watchFrame(frame: HTMLIFrameElement, onChange: () => void, ends: AbortSignal): void {
  const observer = new MutationObserver(onChange)
  const watch = (): void => {
    observer.disconnect()
    const { contentDocument } = frame
    if (contentDocument !== null) {
      observer.observe(contentDocument, { subtree: true, childList: true, attributes: true })
    }
    onChange()
  }
  frame.addEventListener('load', watch, { signal: ends })
  ends.addEventListener('abort', () => observer.disconnect())
  watch()
}
