/**
 * System notifications of messages that come while the page is hidden: only where the person switched them on, and the
 * browser asked them then. Each stands for one chat, and goes when that is read, or with the page.
 */
import { setting } from './settings-store.ts'
import { text } from './text.ts'

const ICON = '/icon-192.png'

export interface MessageNotifications {
  /** @param onClick goes to the chat */
  show(message: { conversation: string; name: string; words: string }, onClick: () => void): void
  /** What was read needs no telling. */
  close(conversation: string): void
}

/** Whether this browser has them. */
export function canNotify(): boolean {
  return 'Notification' in globalThis
}

/** Whether they are on: the person wants them and the browser lets them through. */
export function mayNotify(): boolean {
  return canNotify() && setting('notify') === 'on' && Notification.permission === 'granted'
}

/** Has the browser ask the person. To be called on a click of theirs only. @returns whether they may be shown */
export async function askToNotify(): Promise<boolean> {
  if (!canNotify()) return false
  if (Notification.permission === 'default') await Notification.requestPermission()
  return Notification.permission === 'granted'
}

/** @param ends closes them all: nothing of an account is left on the screen when it is signed out */
export function createMessageNotifications(ends: AbortSignal): MessageNotifications {
  const shown = new Map<string, Notification>()
  ends.addEventListener('abort', () => {
    for (const notification of shown.values()) notification.close()
    shown.clear()
  })
  return {
    show({ conversation, name, words }, onClick) {
      if (!mayNotify() || document.visibilityState === 'visible') return
      const body = setting('words') === 'on' ? words : text('settings.notify.hidden')
      const notification = create(name, { body, icon: ICON, tag: `tandem.${conversation}` })
      if (notification === null) return
      shown.set(conversation, notification)
      notification.addEventListener('click', () => {
        window.focus()
        notification.close()
        onClick()
      })
    },
    close(conversation) {
      shown.get(conversation)?.close()
      shown.delete(conversation)
    },
  }
}

/** Chromium on Android lets service workers only show them, and throws here. */
function create(title: string, options: NotificationOptions): Notification | null {
  try {
    return new Notification(title, options)
  } catch {
    return null
  }
}
