import { render } from 'preact';
import { App } from './app.tsx';
import './style/main.css';

const page = document.querySelector('#page');
if (page) render(<App />, page);
