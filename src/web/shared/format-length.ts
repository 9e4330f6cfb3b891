/** The length of sound and film. */
import { currentLocale } from './text.ts'

/** `m:ss`, in the digits of the language. @param seconds whole ones are shown */
export function formatLength(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  return `${digits(Math.floor(whole / 60), 1)}:${digits(whole % 60, 2)}`
}

/** As many times as fast, in the digits of the language. */
export function formatSpeed(speed: number): string {
  return `${new Intl.NumberFormat(currentLocale()).format(speed)}×`
}

function digits(value: number, least: number): string {
  return new Intl.NumberFormat(currentLocale(), { minimumIntegerDigits: least, useGrouping: false }).format(value)
}
