from django.http import HttpResponse


def home(request, **kwargs):
    return HttpResponse()

def sign_in(request, **kwargs):
    return HttpResponse()

def enter_code(request, **kwargs):
    return HttpResponse()

def sign_out(request, **kwargs):
    return HttpResponse()

def profile(request, **kwargs):
    return HttpResponse()
