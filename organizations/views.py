from django.http import HttpResponse


def organization_list(request, **kwargs):
    return HttpResponse()

def create(request, **kwargs):
    return HttpResponse()

def spaces(request, **kwargs):
    return HttpResponse()

def create_space(request, **kwargs):
    return HttpResponse()

def settings(request, **kwargs):
    return HttpResponse()

def delete(request, **kwargs):
    return HttpResponse()

def switcher(request, **kwargs):
    return HttpResponse()
