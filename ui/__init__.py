"""The app in the browser: widgets and handlers, thin over the services."""
