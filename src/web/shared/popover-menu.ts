/**
 * A menu near what it belongs to; where the window is narrow, at its foot. Arrow keys walk through it, Escape, Tab and a
 * press beside it choose nothing, and the keyboard goes back to where it was.
 */
import { html, nothing, render, type TemplateResult } from 'lit'
import { icon } from './icon.ts'

export interface MenuItem<T extends string> {
  value: T
  label: string
  icon: string
  danger?: boolean
}

/** Between the menu and what it belongs to, and the edge of the window; in pixels. */
const GAP = 4
const EDGE = 8

/**
 * @param anchor what it is opened at: an element, or a place in the window
 * @param about what it is for, shown where it lies at the window's foot and may cover that
 * @returns what was chosen; null for nothing (or `signal`)
 */
export function openMenu<T extends string>(
  label: string,
  items: readonly MenuItem<T>[],
  anchor: Element | { x: number; y: number },
  signal: AbortSignal,
  about?: TemplateResult,
): Promise<T | null> {
  const menu = document.createElement('div')
  menu.className = 'menu'
  menu.popover = 'auto'
  menu.role = 'menu'
  menu.ariaLabel = label
  let chosen: T | null = null
  const choose = (value: T) => (): void => {
    chosen = value
    menu.hidePopover()
  }
  render(
    html`${about === undefined ? nothing : html`<div class="menu-about" aria-hidden="true">${about}</div>`}
    ${items.map(
      (item) =>
        html`<button
          class="menu-item ${item.danger ? 'danger' : ''}"
          type="button"
          role="menuitem"
          tabindex="-1"
          @click=${choose(item.value)}
        >
          ${icon(item.icon)} ${item.label}
        </button>`,
    )}`,
    menu,
  )
  const before = document.activeElement
  const ground = document.querySelector('main') ?? document.body
  ground.append(menu)
  menu.showPopover()
  place(menu, anchor)
  menu.addEventListener('keydown', (event) => onKeydown(event, menu))
  menu.querySelector('button')?.focus()
  return new Promise((resolve) => {
    const hide = (): void => menu.hidePopover()
    // A phone's keyboard that folds, or a phone that is turned: it stays with what it belongs to.
    const placeAnew = (): void => {
      if (anchor instanceof Element && !anchor.isConnected) hide()
      else place(menu, anchor)
    }
    signal.addEventListener('abort', hide, { once: true })
    addEventListener('resize', placeAnew)
    menu.addEventListener('toggle', ({ newState }) => {
      if (newState !== 'closed') return
      signal.removeEventListener('abort', hide)
      removeEventListener('resize', placeAnew)
      // A press beside it has its own place for the keyboard.
      const lost = document.activeElement === document.body || menu.contains(document.activeElement)
      menu.remove()
      if (lost && before instanceof HTMLElement) before.focus({ preventScroll: true })
      resolve(chosen)
    })
  })
}

function onKeydown(event: KeyboardEvent, menu: HTMLElement): void {
  const items = [...menu.querySelectorAll('button')]
  const at = items.findIndex((item) => item === document.activeElement)
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: items.length - 1,
  }
  const target = targets[event.key]
  if (target !== undefined) {
    event.preventDefault()
    items.at(target % items.length)?.focus()
  } else if (event.key === 'Tab') {
    event.preventDefault()
    menu.hidePopover()
  }
}

/** Below its anchor, above where there is no room; and always within the window. Narrow windows place it by style. */
function place(menu: HTMLElement, anchor: Element | { x: number; y: number }): void {
  const { left, right, top, bottom } =
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y }
  const { width, height } = menu.getBoundingClientRect()
  // On the side of the window where more room is.
  const beside = left + right < innerWidth ? left : right - width
  const below = bottom + GAP + height + EDGE <= innerHeight ? bottom + GAP : top - GAP - height
  menu.style.setProperty('--menu-x', `${clamp(beside, EDGE, innerWidth - width - EDGE)}px`)
  menu.style.setProperty('--menu-y', `${clamp(below, EDGE, innerHeight - height - EDGE)}px`)
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
