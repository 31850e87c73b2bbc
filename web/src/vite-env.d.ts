/// <reference types="vite/client" />
declare module 'virtual:theme.css';
declare module 'virtual:mantine.css';
declare module 'virtual:openapi/*' {
  const document: import('@/pages/api-docs/document').RawDocument;
  export default document;
}
