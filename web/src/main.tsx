import 'virtual:mantine.css';
import '@mantine/notifications/styles.layer.css';
import 'virtual:theme.css';
import '@/theme/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
