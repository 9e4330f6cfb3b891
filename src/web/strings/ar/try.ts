/** The words of `/try`, both pages in one window, in Arabic. */
import type { Words } from '../../shared/text.ts'
import type { tryIt as english } from '../en/try.ts'

export const tryIt: Readonly<Record<keyof typeof english, Words>> = {
  'try.title': 'جرّبه في نافذة واحدة',
  'try.about': 'كمبيوتر وهاتف جنبًا إلى جنب. الصفحتان حقيقيتان؛ وزرّ يقوم مقام الكاميرا.',
  'try.computer': 'هذا الكمبيوتر',
  'try.phone': 'الهاتف',
  'try.show': 'ما يُعرض',
  'try.news': 'جديد هنا',
  'try.steps': 'الخطوات',
  'try.step.scan': 'امسح الرمز',
  'try.step.scan.hint': 'تسجيل دخول برقم مختلق',
  'try.step.approve': 'وافق على الهاتف',
  'try.step.approve.hint': 'تحقّق من التفاصيل أولًا',
  'try.step.write': 'اكتب رسالة',
  'try.step.write.hint': 'على أي من الجانبين',
  'try.step.done': 'تم:',
  'try.scan': 'امسح الرمز بهذا الهاتف',
  'try.scan.busy': 'جارٍ النظر إلى الرمز…',
  'try.again': 'البدء من جديد',
  'try.say.wait': 'جارٍ جلب الرمز…',
  'try.say.scan': 'يعرض الكمبيوتر رمزًا.',
  'try.say.approve': 'تحقّق من التفاصيل ثم وافق.',
  'try.say.linked': 'تم الربط. اضغط على «تم» في الهاتف.',
  'try.say.write': 'افتح محادثة على أي من الجانبين واكتب.',
  'try.say.done': 'تظهر على الجانبين فورًا. هذا كل ما في الأمر.',
  'try.failed.unread': 'تعذّرت قراءة الرمز. أعد المحاولة.',
  'try.failed.sign_in': 'تعذّر تسجيل دخول الهاتف. سجّله على الهاتف ثم امسح.',
  'try.failed.rate_limited': 'محاولات كثيرة. انتظر قليلًا ثم أعد المحاولة.',
}
